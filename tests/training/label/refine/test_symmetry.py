"""Ribs of both sides beside each other."""

import numpy as np
import pytest

from training.label.refine.pieces import Piece
from training.label.refine.ribs import Rib
from training.label.refine.symmetry import disagreeing

NOTHING = Piece(np.zeros((0, 3), np.int64), np.zeros(0, np.uint8))


def ribs(side: str, numbers: list[int], lean_mm: float = 0.0) -> list[tuple[Rib, int | None]]:
    """Ribs whose heads lie 24 mm apart, counted from the top without gap, with these numbers."""
    return [
        (Rib(NOTHING, side, 300 - 24 * place + lean_mm, np.zeros(12)), number)
        for place, number in enumerate(numbers)
    ]


@pytest.mark.parametrize("lean_mm", [0.0, 30.0])
def test_sides_that_are_numbered_alike_agree(lean_mm: float) -> None:
    every = list(range(1, 13))

    assert disagreeing(ribs("right", every) + ribs("left", every, lean_mm)) == frozenset()


def test_a_number_that_one_side_skips_is_told_with_those_below() -> None:
    named = ribs("right", [5, 6, 7, 8, 10]) + ribs("left", [5, 6, 7, 8, 9])

    assert disagreeing(named) == {9, 10}


def test_a_rib_that_is_missing_on_one_side_is_no_disagreement() -> None:
    left = [pair for pair in ribs("left", [1, 2, 3, 4, 5]) if pair[1] != 3]

    assert disagreeing(ribs("right", [1, 2, 3, 4, 5]) + left) == frozenset()


def test_ribs_without_a_number_or_another_side_say_nothing() -> None:
    assert disagreeing(ribs("right", [1, 2])) == frozenset()
    assert disagreeing([(rib, None) for rib, _ in ribs("left", [1])]) == frozenset()
