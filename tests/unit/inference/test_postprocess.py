"""Probabilities to masks."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import TypeAdapter

from service.inference.manifest import LabelEntry, Pieces
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


@given(
    rows=st.integers(40, 300),
    columns=st.integers(40, 300),
    stride=st.sampled_from([2, 4]),
)
def test_a_coarser_output_gives_the_mask_that_the_finer_one_gives(
    rows: int, columns: int, stride: int
) -> None:
    """A disc drawn on either grid lies at one place of the film, within a pixel of the output."""
    grid = letterbox(rows, columns, 128)
    fine, coarse = (disc(128 // step, step)[None] for step in (1, stride))

    one = to_segmentation(fine, grid, LABELS[:1]).masks[0]
    other = to_segmentation(coarse, grid, LABELS[:1]).masks[0]

    pixel = stride * max(rows, columns) / 128
    edge = 2 * np.pi * 30 * max(rows, columns) / 128 + max(rows, columns)
    assert (one ^ other).sum() <= pixel * edge / 4


def disc(size: int, step: int) -> NDArray[np.float32]:
    """Return a disc of 30 model pixels around the middle, soft by one pixel of its own grid."""
    y, x = (np.mgrid[:size, :size] + 0.5) * step
    inside = (30 - np.hypot(y - 64, x - 64)) / step + 0.5
    return np.clip(inside, 0, 1).astype(np.float32)


def test_a_speck_beside_what_is_one_piece_is_dropped() -> None:
    probabilities = np.zeros((2, 64, 64), np.float32)
    probabilities[:, 8:40, 8:40] = probabilities[:, 50:54, 50:54] = 0.9
    one = LABELS[0].model_copy(update={"pieces": Pieces.ONE, "minimum_area_fraction": 0.0})

    found = to_segmentation(probabilities, letterbox(128, 128, 64), (one, LABELS[1]))

    assert not found.masks[0, 90:, 90:].any()
    assert found.masks[1, 90:, 90:].any()
    assert found.masks[0].sum() < found.masks[1].sum()
