"""Small rotations, rescalings and noise, and the way back."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from service.inference.manifest import LabelEntry
from service.inference.perturbation import (
    FINER,
    NOISE,
    PERTURBATIONS,
    perturbed_inputs,
    restored_segmentation,
)
from service.inference.preprocess import Resampling

SIZE = 64
GRID = Resampling(rows=1280, columns=960, size=SIZE, top=0, left=8, height=64, width=48)
CODE = {"value": "39607008", "scheme": "SCT", "meaning": "Lung"}


def label(number: int, minimum_area_fraction: float = 0.0) -> LabelEntry:
    return LabelEntry.model_validate(
        {
            "number": number,
            "key": f"structure_{number}",
            "label": f"Structure {number}",
            "category": CODE,
            "type": CODE,
            "colour_rgb": (0, 0, 0),
            "threshold": 0.5,
            "minimum_area_fraction": minimum_area_fraction,
        }
    )


def disc(row: float, column: float, radius: float, finer: int = 1) -> NDArray[np.float32]:
    """Return a disc on the model grid, or on one that is finer by a factor; soft by a pixel."""
    y, x = (np.mgrid[: SIZE * finer, : SIZE * finer] + 0.5) / finer
    inside = radius - np.hypot(y - row, x - column) + 0.5
    return np.clip(inside, 0, 1).astype(np.float32)


def test_the_eight_inputs_differ_from_the_given_one_and_from_each_other() -> None:
    given = disc(30, 28, 12)[None, None]

    inputs = perturbed_inputs(given)

    assert inputs.shape == (8, 1, SIZE, SIZE)
    assert inputs.dtype == np.float32
    assert inputs.min() >= 0
    assert inputs.max() <= 1
    for one, other in pairwise((*inputs, given[0])):
        assert np.abs(one - other).mean() > NOISE / 4


def test_the_same_image_is_perturbed_in_the_same_way() -> None:
    given = disc(30, 28, 12)[None, None]

    assert np.array_equal(perturbed_inputs(given), perturbed_inputs(given))


@pytest.mark.parametrize("index", range(len(PERTURBATIONS)))
def test_masks_are_turned_back_to_where_the_image_lies(index: int) -> None:
    drawn = disc(20, 40, 9)
    seen = perturbed_inputs(drawn[None, None])[index]

    found = restored_segmentation(seen, PERTURBATIONS[index], GRID, {0: label(1)}).masks[0]

    expected = disc(20, 40, 9, FINER)[:, FINER * 8 : FINER * 56] >= 0.5
    assert found.shape == expected.shape == (FINER * 64, FINER * 48)
    assert (found & expected).sum() / (found | expected).sum() > 0.95


def test_what_is_smaller_than_its_label_allows_is_no_structure() -> None:
    seen = perturbed_inputs(disc(20, 40, 3)[None, None])[0]
    both = np.concatenate([seen, seen])

    found = restored_segmentation(both, PERTURBATIONS[0], GRID, {0: label(1), 1: label(2, 0.05)})

    assert found.has("structure_1")
    assert not found.has("structure_2")


def test_only_the_wanted_channels_become_masks() -> None:
    seen = perturbed_inputs(disc(20, 40, 9)[None, None])[0]
    three = np.concatenate([np.zeros_like(seen), seen, np.zeros_like(seen)])

    found = restored_segmentation(three, PERTURBATIONS[0], GRID, {1: label(2), 2: label(3)})

    assert [segment.key for segment in found.segments] == ["structure_2", "structure_3"]
    assert found.has("structure_2")
    assert not found.has("structure_3")


def test_what_lies_beside_the_image_is_cut_off() -> None:
    padding = disc(20, 3, 3)[None]

    found = restored_segmentation(padding, PERTURBATIONS[0], GRID, {0: label(1)})

    assert not found.masks.any()


@pytest.mark.parametrize("index", range(len(PERTURBATIONS)))
def test_masks_of_a_coarser_output_lie_where_those_of_the_finer_one_do(index: int) -> None:
    seen = perturbed_inputs(disc(20, 40, 9)[None, None])[index]
    coarse = seen.reshape(1, SIZE // 2, 2, SIZE // 2, 2).mean((2, 4))

    one = restored_segmentation(seen, PERTURBATIONS[index], GRID, {0: label(1)}).masks[0]
    other = restored_segmentation(coarse, PERTURBATIONS[index], GRID, {0: label(1)}).masks[0]

    assert one.shape == other.shape
    assert (one & other).sum() / (one | other).sum() > 0.93
