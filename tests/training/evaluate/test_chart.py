"""The picture is well-formed and its dots stand where the numbers say."""

from xml.etree import ElementTree as ET

import pytest

from training.evaluate.chart import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Chart,
    Line,
    Place,
    evenly_spaced,
)
from training.evaluate.distribution import distribution

SVG = "{http://www.w3.org/2000/svg}"


def chart(*lines: Line, bottom: float = 0.0) -> ET.Element:
    ticks = evenly_spaced(["none", "some <1", "much"])
    return ET.fromstring(Chart("a & b", "strength", "IoU", ticks, lines, bottom).svg())  # noqa: S314


LINE = Line("heart", (Place(0, 1.0, 0.9, 1.0), Place(1, 0.75, 0.7, 0.8), Place(2, 0.5, 0.4, 0.6)))


def test_dots_stand_at_their_values() -> None:
    dots = chart(LINE, bottom=0.5).findall(f"{SVG}circle")

    heights = [float(dot.attrib["cy"]) for dot in dots]
    assert heights == pytest.approx([TOP, (TOP + HEIGHT - BOTTOM) / 2, HEIGHT - BOTTOM])
    middle = float(dots[1].attrib["cx"])
    assert middle == pytest.approx((LEFT + WIDTH - RIGHT) / 2)


def test_each_line_has_a_band_a_key_and_texts_that_are_escaped() -> None:
    drawn = chart(LINE, Line("lung <fields>", LINE.places))

    texts = ["".join(text.itertext()) for text in drawn.iter(f"{SVG}text")]
    assert {"a & b", "some <1", "heart", "lung <fields>", "IoU", "strength"} <= set(texts)
    assert len(drawn.findall(f"{SVG}polygon")) == 2
    assert len({line.attrib["stroke"] for line in drawn.findall(f"{SVG}polyline")}) == 2


def test_what_lies_below_the_axis_is_drawn_on_it() -> None:
    dots = chart(Line("a", (Place(0, 0.1, 0.0, 0.2),)), bottom=0.5).findall(f"{SVG}circle")

    assert float(dots[0].attrib["cy"]) == HEIGHT - BOTTOM


def test_a_distribution_has_a_dot_for_each_film_and_a_median() -> None:
    drawn = ET.fromstring(distribution({"heart": [0.8, 0.9, 0.95], "lung": [0.9]}))  # noqa: S314

    dots = [float(dot.attrib["cx"]) for dot in drawn.findall(f"{SVG}circle")]
    assert len(dots) == 4
    # From 0.8 at 150 to 1 at 840: the median of hearts, 0.9, stands half-way.
    assert dots[1] == pytest.approx((150 + 840) / 2)
    strokes = [p.attrib["d"] for p in drawn.findall(f"{SVG}path") if p.get("stroke") == "#d55e00"]
    assert strokes[0].startswith("M495.0 ")
