import numpy as np
import pytest

from training.ingest.volume import Volume
from training.label.lungs import RulesFailed, find_lungs

SPACING = (3.0, 3.0, 3.0)
SHAPE = (80, 60, 90)


def box(*spans: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    mask[tuple(slice(*span) for span in spans)] = True
    return mask


RIGHT, LEFT = box((30, 70), (10, 50), (10, 40)), box((30, 70), (10, 50), (50, 80))


def chest(*lungs: np.ndarray, gas: np.ndarray | None = None) -> Volume:
    chance = np.random.default_rng(1)
    hu = np.full(SHAPE, 40)
    for lung in lungs:
        hu[lung] = chance.normal(-840, 60, int(lung.sum()))
    if gas is not None:
        hu[gas] = -1000
    return Volume(hu.astype(np.int16), SPACING)


def found(volume: Volume) -> tuple[np.ndarray, np.ndarray]:
    body = np.ones(SHAPE, bool)
    return find_lungs(volume, body, np.zeros(SHAPE, bool))


def test_gas_in_the_stomach_is_no_lung() -> None:
    gas = box((2, 26), (10, 30), (50, 70))  # 260 ml below the left lung, apart from it
    right, left = found(chest(RIGHT, LEFT, gas=gas))
    assert not ((right | left) & gas).any()
    assert (left & LEFT).sum() > 0.99 * LEFT.sum()


def test_a_lung_with_a_tenth_of_the_others_volume_is_still_a_lung() -> None:
    small = box((54, 70), (10, 34), (10, 26))  # 166 ml beside 1296 ml
    right, left = found(chest(small, LEFT))
    assert (right & small).sum() > 0.99 * small.sum()
    assert (left & LEFT).sum() > 0.99 * LEFT.sum()


def test_lungs_that_touch_are_parted() -> None:
    bridge = box((50, 54), (28, 32), (40, 50))
    right, left = found(chest(RIGHT, LEFT, bridge))
    assert (right & RIGHT).sum() > 0.98 * RIGHT.sum()
    assert not (right & LEFT).any()
    assert not (left & RIGHT).any()


def test_one_lung_alone_is_refused_with_what_was_seen() -> None:
    with pytest.raises(RulesFailed, match=r"largest part of air holds \d+ ml"):
        found(chest(LEFT))
