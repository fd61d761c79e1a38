"""The scale of a chest is recognised, a missing intercept is undone, anything else is not."""

import numpy as np
import pytest

from tests.training.ingest.written import chest
from training.ingest.scale import measured_scale

CHEST = chest().hu.astype(float)


def test_the_peaks_of_a_chest_are_air_and_muscle() -> None:
    scale = measured_scale(CHEST)

    assert (scale.air_hu, scale.tissue_hu, scale.subtracted) == (-1000, 40, 0)


@pytest.mark.parametrize("offset", [1000, 1024])
def test_a_missing_intercept_is_recognised(offset: int) -> None:
    assert measured_scale(CHEST + offset).subtracted == offset


@pytest.mark.parametrize(
    "values",
    [CHEST / 4, CHEST * 2, -CHEST, CHEST + 500, np.clip((CHEST + 1000) / 6, 0, 255)],
    ids=["quarter", "double", "inverted", "shifted by 500", "eight bits"],
)
def test_other_scales_are_not_guessed(values: np.ndarray) -> None:
    assert measured_scale(values).tissue_hu is None


def test_padding_outside_the_circle_says_nothing() -> None:
    padded = CHEST.copy()
    padded[:, :12] = -3024

    scale = measured_scale(padded)

    assert (scale.air_hu, scale.tissue_hu) == (-1000, 40)
