"""Probabilities to masks."""

import numpy as np
from pydantic import TypeAdapter

from service.inference.manifest import LabelEntry
from service.inference.postprocess import to_segmentation
from service.inference.preprocess import letterbox
from tests.unit.inference.conftest import label

LABELS = TypeAdapter(tuple[LabelEntry, ...]).validate_python(
    [label(1, "heart"), label(2, "right_lung")]
)


def test_masks_lie_on_the_source_grid() -> None:
    probabilities = np.zeros((2, 64, 64), np.float32)
    probabilities[0, 16:48, :] = 0.75

    found = to_segmentation(probabilities, letterbox(200, 100, 64), LABELS)

    assert found.masks.shape == (2, 200, 100)
    rows = np.flatnonzero(found.masks[0].any(axis=1))
    assert abs(rows[0] - 50) <= 2
    assert abs(rows[-1] - 149) <= 2
    assert found.masks[0, 100].all()


def test_the_probability_is_the_mean_inside_the_mask() -> None:
    probabilities = np.zeros((2, 64, 64), np.float32)
    probabilities[0] = 0.75

    found = to_segmentation(probabilities, letterbox(64, 64, 64), LABELS)

    assert np.allclose(found.probabilities, [0.75, 0.0])


def test_a_speck_below_the_minimum_area_is_noise() -> None:
    probabilities = np.zeros((2, 64, 64), np.float32)
    probabilities[1, 5, 5:8] = 1.0  # 3 of 4096 pixels, one in a thousand is needed

    found = to_segmentation(probabilities, letterbox(64, 64, 64), LABELS)

    assert not found.has("right_lung")
