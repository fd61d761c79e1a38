"""Charts are well-formed, hold every label, and draw lengths and colours that are true."""

import base64
import io
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from training.pack.svg import BAR, bars, heatmap, scatter

SPACE = "{http://www.w3.org/2000/svg}"
HREF = "href"


def parsed(chart: str) -> ET.Element:
    return ET.fromstring(chart)  # noqa: S314 - made by our own code


def test_a_bar_is_as_long_as_its_share() -> None:
    chart = parsed(bars(["heart", "lung"], [0.5, None]))
    widths = [float(bar.get("width", "")) for bar in chart.iter(f"{SPACE}rect")]
    assert widths == [BAR / 2, 0]
    said = [text.text for text in chart.iter(f"{SPACE}text")]
    assert said == ["heart", "50.0 %", "lung", "unknown"]


def test_a_heat_map_is_red_blue_white_and_grey() -> None:
    chart = parsed(heatmap(["a"], list("wxyz"), np.array([[1.0, -1.0, 0.0, np.nan]])))
    (image,) = chart.iter(f"{SPACE}image")
    content = base64.b64decode(image.get(HREF, "").split(",")[1])
    red, blue, white, grey = np.asarray(Image.open(io.BytesIO(content)))[0].astype(int)
    assert red[0] > red[2]
    assert blue[2] > blue[0]
    assert white.tolist() == [255] * 3
    assert grey.tolist() == [221] * 3


def test_a_scatter_has_a_point_for_every_sample() -> None:
    chart = parsed(scatter("heart", "lung", np.array([[0.1, 0.2], [0.2, 0.4], [0.0, 0.0]])))
    points = [float(p.get("cx", "")) for p in chart.iter(f"{SPACE}circle")]
    assert points[2] == 20
    assert points[1] - 20 == pytest.approx(2 * (points[0] - 20))


def test_names_are_escaped() -> None:
    assert "<b>" not in bars(["<b>"], [1.0])
    assert "<b>" not in heatmap(["<b>"], ["<b>"], np.zeros((1, 1)))
