"""Swapped sides show."""

import numpy as np
import pytest

from training.evaluate.sides import compare_sides, other_side


def half(column: int) -> np.ndarray:
    mask = np.zeros((8, 8), bool)
    mask[2:6, column : column + 3] = True
    return mask


TRUTH = {"right_lung_field": half(0), "left_lung_field": half(5), "heart": half(3)}


@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("left_lung", "right_lung"),
        ("posterior_rib_5_right", "posterior_rib_5_left"),
        ("heart", None),
        ("aortic_arch", None),
    ],
)
def test_the_other_side_has_the_other_word(key: str, other: str | None) -> None:
    assert other_side(key) == other


def test_right_masks_are_better_as_named() -> None:
    found = compare_sides(TRUTH, TRUTH)

    assert found is not None
    assert (found.as_named, found.exchanged) == (1, 0)
    assert not found.are_swapped


def test_swapped_masks_are_better_exchanged() -> None:
    swapped = {
        "right_lung_field": TRUTH["left_lung_field"],
        "left_lung_field": TRUTH["right_lung_field"],
    }

    found = compare_sides(swapped, TRUTH)

    assert found is not None
    assert (found.as_named, found.exchanged) == (0, 1)
    assert found.are_swapped


def test_a_side_that_was_drawn_twice_counts_half() -> None:
    both_right = dict.fromkeys(("right_lung_field", "left_lung_field"), half(0))

    found = compare_sides(both_right, TRUTH)

    assert found is not None
    assert (found.as_named, found.exchanged) == (0.5, 0.5)


def test_without_pairs_nothing_is_said() -> None:
    assert compare_sides({"heart": half(3)}, TRUTH) is None
    nothing = dict.fromkeys(TRUTH, np.zeros((8, 8), bool))
    assert compare_sides(nothing, TRUTH) is None
