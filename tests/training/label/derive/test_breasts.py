"""Breasts are known only where a chest bulges with gland on both sides."""

import numpy as np
import pytest

from tests.training.label.derive.chest import SPACING, Chest, chest, millimetres
from training.label.derive.breasts import KEYS, breasts
from training.label.derive.derived import Derived, mask_of

FAT, GLAND = -100, 30
ROOM = ((0, 0), (20, 0), (0, 0))  # rows of 4 mm: the drawn chest alone ends at its skin


def with_breasts(inside_hu: int) -> tuple[Chest, np.ndarray]:
    """The drawn chest with a half ball in front of each lung, 20 % of it gland where wanted."""
    drawn = with_room_in_front(chest())
    z, y, x = (np.pad(c, ROOM, "reflect", reflect_type="odd") for c in millimetres())
    body, hu, balls = drawn.body, drawn.hu, np.zeros_like(drawn.body)
    for sign in (-1, 1):
        distance = np.sqrt((x - sign * 75) ** 2 + (y + 75) ** 2 + z**2)
        balls |= distance < 60
        hu[(distance < 60) & ~body] = FAT
        hu[(distance < 45) & ~body] = inside_hu
    return Chest(drawn.organs, body | balls, hu), balls & ~body


def with_room_in_front(drawn: Chest) -> Chest:
    organs, body = (np.pad(array, ROOM) for array in (drawn.organs, drawn.body))
    return Chest(organs, body, np.pad(drawn.hu, ROOM, constant_values=-1000))


def found(drawn: Chest) -> Derived:
    return breasts(drawn.organs, drawn.body, drawn.hu, SPACING)


def test_two_glandular_bulges_are_breasts_on_their_sides() -> None:
    drawn, truth = with_breasts(GLAND)
    x = np.pad(millimetres()[2], ROOM, "edge")

    result = found(drawn)

    right, left = mask_of(result.labels, KEYS[0]), mask_of(result.labels, KEYS[1])
    assert result.known == frozenset(KEYS)
    assert x[right].max() < 0 < x[left].min()
    # The outer rim lies beside the chest wall, not in front of it, and is left out.
    assert ((right | left) & truth).sum() > 0.6 * truth.sum()


@pytest.mark.parametrize(
    ("drawn", "reason"),
    [
        (chest(), "too flat"),
        (with_breasts(FAT)[0], "fat alone"),
    ],
    ids=["flat", "fat"],
)
def test_a_flat_or_fatty_chest_leaves_them_unknown(drawn: Chest, reason: str) -> None:
    result = found(drawn)

    assert set(result.unknown) == set(KEYS)
    assert reason in result.unknown["breast_left"]
    assert not result.labels.any()


def test_a_scan_that_cuts_the_skin_leaves_them_unknown() -> None:
    drawn, _ = with_breasts(GLAND)
    cut = Chest(drawn.organs[:, 16:], drawn.body[:, 16:], drawn.hu[:, 16:])

    assert "skin" in found(cut).unknown["breast_right"]
