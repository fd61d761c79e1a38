"""What is one piece has no specks beside it."""

import numpy as np
from numpy.typing import NDArray

from service.inference.manifest import LabelEntry, Pieces
from service.inference.specks import SPECK_SHARE, cleaned
from tests.unit.inference.conftest import label


def heart(pieces: Pieces) -> LabelEntry:
    return LabelEntry.model_validate(label(1, "heart") | {"pieces": pieces})


def plane(*boxes: tuple[int, int, int]) -> NDArray[np.float32]:
    """Draw squares (row, column, side) of 0.9 on 0.2."""
    drawn = np.full((40, 40), 0.2, np.float32)
    for row, column, side in boxes:
        drawn[row : row + side, column : column + side] = 0.9
    return drawn


def test_a_speck_is_dropped_and_nothing_else_is_touched() -> None:
    given = plane((2, 2, 12), (30, 30, 3))  # 9 of 144 pixels

    found = cleaned(given, heart(Pieces.ONE))

    assert SPECK_SHARE * 144 > 9
    assert not found[30:33, 30:33].any()
    found[30:33, 30:33] = 0.9
    assert np.array_equal(found, given)


def test_a_part_that_is_large_enough_stays() -> None:
    given = plane((2, 2, 12), (30, 30, 4))  # 16 of 144 pixels

    assert SPECK_SHARE * 144 < 16
    assert np.array_equal(cleaned(given, heart(Pieces.ONE)), given)


def test_pixels_that_touch_at_a_corner_are_one_piece() -> None:
    given = plane((2, 2, 12), (14, 14, 1))

    assert np.array_equal(cleaned(given, heart(Pieces.ONE)), given)


def test_what_has_many_pieces_keeps_them_all() -> None:
    given = plane((2, 2, 12), (30, 30, 1))

    assert cleaned(given, heart(Pieces.MANY)) is given


def test_a_label_that_says_nothing_keeps_its_specks() -> None:
    assert LabelEntry.model_validate(label(1, "heart")).pieces is Pieces.MANY


def test_a_plane_without_the_structure_stays_as_it_is() -> None:
    given = plane()

    assert cleaned(given, heart(Pieces.ONE)) is given
