"""Bland and Altman, on numbers that are derived here."""

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.evaluate.agreement import Ratio, as_text, summarise
from training.evaluate.bland_altman import HEIGHT, WIDTH, draw
from training.evaluate.intraclass import intraclass_correlation

RATIOS = (
    Ratio("a", 0.52, 0.50),
    Ratio("b", 0.46, 0.50),
    Ratio("c", 0.60, 0.56),
    Ratio("d", 0.50, None),
    Ratio("e", None, 0.5, "a side of the lungs is cut off"),
)


def test_bias_limits_and_error_are_those_of_the_compared_films() -> None:
    differences = (0.02, -0.04, 0.04)
    bias = sum(differences) / 3
    spread = math.sqrt(sum((each - bias) ** 2 for each in differences) / 2)

    found = summarise(RATIOS)

    assert (found.films, found.compared, found.not_measured) == (5, 3, 1)
    assert found.mean_absolute_error == pytest.approx(0.1 / 3)
    assert found.bias == pytest.approx(bias)
    assert found.limits == pytest.approx((bias - 1.96 * spread, bias + 1.96 * spread))
    assert found.reasons == {"a side of the lungs is cut off": 1}


def test_the_reasons_are_printed() -> None:
    assert "1 a side of the lungs is cut off" in as_text(summarise(RATIOS))


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(ValueError, match="no film"):
        summarise([Ratio("a", None, 0.5, "cut")])


def test_the_picture_has_a_dot_for_each_compared_film(tmp_path: Path) -> None:
    all_films = draw(RATIOS, summarise(RATIOS), tmp_path / "all.png")
    fewer = draw(RATIOS[:2], summarise(RATIOS), tmp_path / "fewer.png")

    with Image.open(all_films) as image:
        assert image.size == (WIDTH, HEIGHT)
    assert all_films.read_bytes() != fewer.read_bytes()


def test_the_intraclass_correlation_is_that_of_the_compared_films() -> None:
    pairs = np.array([[0.52, 0.50], [0.46, 0.50], [0.60, 0.56]])

    found = summarise(RATIOS)

    assert found.intraclass == intraclass_correlation(pairs)
    assert "ICC(2,1)" in as_text(found)
