"""Organs stay in their part of the body."""

import pytest

from service.anatomy.structures import structures_by_key
from tests.training.label.refine.skeletons import MM, SPACING, height_mm, organs
from training.channels import number_of
from training.label.derive.derived import mask_of
from training.label.derive.levels import VERTEBRAE
from training.label.refine.limits import BEYOND_MM, limits, within_limits


def at(vertebra: str) -> int:
    return round(height_mm(VERTEBRAE.index(vertebra)) / MM)


@pytest.mark.parametrize(
    ("key", "level", "kept"),
    [
        ("small_bowel", "vertebra_t3", False),
        ("small_bowel", "vertebra_l1", True),
        ("clavicle_left", "vertebra_t10", False),
    ],
)
def test_what_lies_far_beyond_its_limit_is_removed(key: str, level: str, *, kept: bool) -> None:
    labels = organs()
    z = at(level)
    labels[z - 2 : z + 3, 20:30, 2:12] = number_of(key)

    found = within_limits(labels, SPACING)

    assert mask_of(found.organs, key)[z, 25, 5] == kept
    assert any(key in note for note in found.notes) != kept


def test_a_limit_needs_its_vertebra() -> None:
    labels = organs()
    labels[mask_of(labels, "vertebra_t7")] = 0
    labels[at("vertebra_t3"), 20:30, 2:12] = number_of("small_bowel")

    assert mask_of(within_limits(labels, SPACING).organs, "small_bowel").any()


def test_a_little_beyond_is_allowed() -> None:
    labels = organs()
    top = int(mask_of(labels, "vertebra_t7").nonzero()[0].max())
    labels[top + round(BEYOND_MM / MM), 20:30, 2:12] = number_of("small_bowel")

    assert mask_of(within_limits(labels, SPACING).organs, "small_bowel").any()


def test_the_table_speaks_the_vocabulary_and_from_above_downwards() -> None:
    for limit in limits():
        assert limit.key in structures_by_key()
        if limit.highest and limit.lowest:
            assert VERTEBRAE.index(limit.highest) < VERTEBRAE.index(limit.lowest)
