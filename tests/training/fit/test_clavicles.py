import numpy as np
import numpy.typing as npt
import pytest
import torch

from training.channels import TRAINED, trained_index
from training.fit.clavicles import with_clavicles
from training.fit.dataset import Sample
from training.project.masks import SIDES, pack, unpack_one

ROWS, COLUMNS, MIDLINE = 160, 240, 120
RIGHT, LEFT = (trained_index(f"clavicle_{side}") for side in SIDES)
SEEDS = pytest.mark.parametrize("seed", range(12))


def _sample(*, known: bool = True) -> Sample:
    """Two fields, and the steep clavicles of raised arms."""
    masks = np.zeros((len(TRAINED), ROWS, COLUMNS), bool)
    masks[trained_index("right_lung_field"), 30:130, 45:105] = True
    masks[trained_index("left_lung_field"), 30:130, 135:195] = True
    masks[RIGHT, 0:30, 90:100] = masks[LEFT, 0:30, 140:150] = True
    bone = (masks[RIGHT] | masks[LEFT]).astype(np.float32)
    packed = pack(torch.from_numpy(masks))
    water = np.full((ROWS, COLUMNS), 3, np.float32)
    return Sample(water, bone, packed, np.full(len(TRAINED), known), is_film=False)


def _drawn(seed: int) -> tuple[Sample, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    drawn = with_clavicles(_sample(), np.random.default_rng(seed))
    return drawn, unpack_one(drawn.packed, RIGHT), unpack_one(drawn.packed, LEFT)


@SEEDS
def test_each_clavicle_lies_on_its_side_and_crosses_its_lung(seed: int) -> None:
    _, right, left = _drawn(seed)

    fields = [unpack_one(_sample().packed, trained_index(f"{s}_lung_field")) for s in SIDES]
    assert (right & fields[0]).any()
    assert (left & fields[1]).any()
    assert not right[:, MIDLINE:].any()
    assert not left[:, :MIDLINE].any()


@SEEDS
def test_they_end_beyond_the_lung(seed: int) -> None:
    _, right, left = _drawn(seed)

    assert np.flatnonzero(right.any(0))[0] < 45
    assert np.flatnonzero(left.any(0))[-1] > 194


@SEEDS
def test_bone_was_added_where_the_mask_is_and_nowhere_else(seed: int) -> None:
    drawn, right, left = _drawn(seed)

    added = drawn.bone - _sample().bone
    rim = (added > 0) & ~(right | left)
    assert (added[30:][(right | left)[30:]] > 0).mean() > 0.98
    assert rim.sum() < 0.2 * (right | left).sum()


@SEEDS
def test_the_inner_end_is_thicker_than_the_shaft(seed: int) -> None:
    _, _, left = _drawn(seed)

    columns = np.flatnonzero(left.any(0))
    ends = left[:, columns[0] : columns[0] + 14].sum(0).max()
    shaft = left[:, columns[len(columns) // 2]].sum()
    assert ends > shaft > 0


def test_the_clavicles_of_raised_arms_are_gone() -> None:
    drawn, right, left = _drawn(0)

    own = _sample().bone.astype(bool) & ~(right | left)
    assert drawn.bone[own].max() < 0.5


def test_no_other_channel_is_touched() -> None:
    drawn, *_ = _drawn(0)

    others = [place for place in range(len(TRAINED)) if place not in (RIGHT, LEFT)]
    before = _sample().packed
    assert all(
        np.array_equal(unpack_one(drawn.packed, place), unpack_one(before, place))
        for place in others
    )


def test_they_are_known_also_where_the_ct_does_not_know_its_own() -> None:
    sample = _sample()
    sample.known[RIGHT] = False

    assert with_clavicles(sample, np.random.default_rng(0)).known.all()
    assert not sample.known[RIGHT]


def test_without_known_fields_nothing_is_drawn() -> None:
    sample = _sample(known=False)

    assert with_clavicles(sample, np.random.default_rng(0)) is sample


def test_the_sample_in_memory_is_left_as_it_was() -> None:
    sample, same = _sample(), _sample()
    with_clavicles(sample, np.random.default_rng(0))

    assert np.array_equal(sample.packed, same.packed)
    assert np.array_equal(sample.bone, same.bone)
