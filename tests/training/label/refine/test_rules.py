"""What is wrong in a drawn skeleton is put right, and what is not is left alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.label.refine.skeletons import (
    FIRST,
    LAST,
    MM,
    SPACING,
    codes,
    drawn_rib,
    left,
    organs,
    renamed,
    right,
    vertebrae_renamed,
)
from training.channels import number_of
from training.label.derive.derived import mask_of
from training.label.derive.levels import VERTEBRAE
from training.label.derive.rib_codes import RIB_KEYS, SIDES, rib_code, rib_keys, whole_ribs
from training.label.refine.refined import Refined
from training.label.refine.rules import refine
from training.label.refine.sides import sided_keys

KNOWN = frozenset({*VERTEBRAE, *RIB_KEYS, *sided_keys()})
RIB = st.integers(1, 12)
SIDE = st.sampled_from(SIDES)
FEW = settings(deadline=None, max_examples=5)


def refined(labels: np.ndarray) -> Refined:
    return refine(labels, KNOWN, SPACING)


def test_a_skeleton_that_is_right_is_left_alone() -> None:
    found = refined(organs())

    assert np.array_equal(found.organs, organs())
    assert not found.notes
    assert not found.unknown


@FEW
@given(order=st.permutations(range(1, 13)), side=SIDE)
def test_shuffled_rib_numbers_are_restored(order: list[int], side: str) -> None:
    names = {rib_code(n, side): rib_code(other, side) for n, other in enumerate(order, start=1)}

    found = refined(organs(renamed(codes(), names)))

    assert np.array_equal(whole_ribs(found.organs), codes())


@FEW
@given(ribs=st.sets(RIB, min_size=1))
def test_ribs_with_swapped_sides_are_repaired(ribs: set[int]) -> None:
    names = {left(n): right(n) for n in ribs} | {right(n): left(n) for n in ribs}

    found = refined(organs(renamed(codes(), names)))

    assert np.array_equal(found.organs, organs())


@pytest.mark.parametrize("bone", ["clavicle", "kidney"])
def test_other_pairs_with_swapped_sides_are_repaired(bone: str) -> None:
    labels = organs()
    pair = [mask_of(labels, f"{bone}_{side}") for side in SIDES]
    labels[pair[0]], labels[pair[1]] = number_of(f"{bone}_left"), number_of(f"{bone}_right")

    assert np.array_equal(refined(labels).organs, organs())


@FEW
@given(rib=RIB, side=SIDE)
def test_a_missing_rib_stays_missing(rib: int, side: str) -> None:
    ribs = codes()
    ribs[drawn_rib(rib, side)] = 0

    found = refined(organs(ribs))

    assert not mask_of(found.organs, *rib_keys(rib, side)).any()
    assert np.array_equal(whole_ribs(found.organs), ribs)


@FEW
@given(rib=st.integers(2, 11), side=SIDE)
def test_a_missing_rib_is_seen_although_the_numbers_close_up(rib: int, side: str) -> None:
    ribs = codes()
    ribs[drawn_rib(rib, side)] = 0
    closed_up = {rib_code(n, side): rib_code(n - 1, side) for n in range(rib + 1, 13)}

    assert np.array_equal(whole_ribs(refined(organs(renamed(ribs, closed_up))).organs), ribs)


@pytest.mark.parametrize("shift", [-1, 1])
def test_vertebrae_that_are_one_off_are_found_by_their_ribs(shift: int) -> None:
    found = refined(vertebrae_renamed(organs(), shift))

    assert np.array_equal(found.organs, organs())
    assert len(found.notes) == LAST - FIRST + 1


@pytest.mark.parametrize("shift", [-1, 1])
def test_in_the_middle_of_the_chest_nothing_tells_who_is_one_off(shift: int) -> None:
    middle = slice(round(170 / MM), round(310 / MM))
    labels = vertebrae_renamed(organs(), shift)[middle]

    found = refined(labels)

    assert set(found.unknown) == {*VERTEBRAE, *RIB_KEYS}
    assert "uncertain" in found.unknown["vertebra_t5"]
    assert np.array_equal(found.organs, labels)


@FEW
@given(bottom=st.integers(0, 30), top=st.integers(70, 104))
def test_a_field_of_view_that_ends_anywhere_changes_no_number(bottom: int, top: int) -> None:
    labels = organs()[bottom:top]

    found = refined(labels).organs

    kept = found > 0
    assert np.array_equal(whole_ribs(found)[kept], whole_ribs(labels)[kept])
    other = kept & (whole_ribs(labels) == 0)
    assert np.array_equal(found[other], labels[other])
    # What the edge leaves of a bone may be too little to be counted.
    assert kept.sum() > 0.97 * (labels > 0).sum()


def test_ribs_that_the_side_of_the_scan_cuts_in_two_keep_one_number() -> None:
    labels = organs()[:, :, 18:-18]

    found = refined(labels)

    assert (whole_ribs(found.organs) == whole_ribs(labels)).all()


@FEW
@given(rib=st.integers(2, 10), side=SIDE, at=st.integers(14, 30))
def test_both_pieces_of_a_broken_rib_keep_its_number(rib: int, side: str, at: int) -> None:
    ribs = codes()
    broken = drawn_rib(rib, side).copy()
    broken[:, :at] = broken[:, at + 3 :] = False
    ribs[broken] = 0

    assert np.array_equal(whole_ribs(refined(organs(ribs)).organs), ribs)


@FEW
@given(rib=st.integers(2, 9), side=SIDE)
def test_fused_ribs_under_one_number_are_told_apart(rib: int, side: str) -> None:
    ribs = codes()
    both = drawn_rib(rib, side) | drawn_rib(rib + 1, side)
    ribs[both] = rib_code(rib, side)
    rows, columns = np.nonzero(both.any(0))
    row, column = rows[len(rows) // 2], columns[len(rows) // 2]
    bridge = np.flatnonzero(both[:, row, column])
    ribs[bridge[0] : bridge[-1] + 1, row, column] = rib_code(rib, side)

    found = whole_ribs(refined(organs(ribs)).organs)

    for number in (rib, rib + 1):
        truth = drawn_rib(number, side)
        assert (found[truth] == rib_code(number, side)).mean() > 0.95


@FEW
@given(index=st.integers(FIRST + 1, LAST - 1))
def test_the_upper_half_of_a_vertebra_named_after_its_neighbour_is_given_back(index: int) -> None:
    labels = organs()
    vertebra = mask_of(labels, VERTEBRAE[index])
    upper = vertebra.copy()
    heights = np.flatnonzero(vertebra.any((1, 2)))
    upper[: int(heights.mean()) + 1] = False
    labels[upper] = number_of(VERTEBRAE[index - 1])

    assert np.array_equal(refined(labels).organs, organs())


def test_ribs_side_by_side_with_different_numbers_are_not_known() -> None:
    # Half-way between two places the old names decide, and here the sides had different ones.
    ribs = codes()
    ribs[(ribs > 0) & ((ribs - 1) % 12 >= 8)] = 0
    for side, number in (("right", 10), ("left", 9)):
        ribs[np.roll(drawn_rib(9, side), -round(12 / MM), axis=0)] = rib_code(number, side)

    found = refined(organs(ribs))

    disputed = [key for n in (9, 10) for side in SIDES for key in rib_keys(n, side)]
    assert set(found.unknown) == set(disputed)
    assert "different numbers" in found.unknown["posterior_rib_10_right"]


def test_a_crumb_of_a_vertebra_goes_to_the_one_that_it_lies_in() -> None:
    labels = organs()
    inside = np.argwhere(mask_of(labels, "vertebra_t8"))[:20]
    labels[tuple(inside.T)] = number_of("vertebra_t2")

    assert np.array_equal(refined(labels).organs, organs())


def test_without_a_spine_nothing_sided_is_known() -> None:
    labels = organs()
    labels[mask_of(labels, *VERTEBRAE)] = 0

    found = refined(labels)

    assert "plane" in found.unknown["clavicle_left"]
    assert np.array_equal(found.organs, labels)
    assert refine(labels, frozenset({"heart"}), SPACING).unknown == {}
