"""The aorta's parts in drawn walking sticks."""

import numpy as np
import pytest

from training.label.derive.aorta import PARTS, split_aorta
from training.label.derive.derived import mask_of

SPACING = (1.0, 1.0, 1.0)


def walking_stick() -> np.ndarray:
    """Front limb (y 20) from slice 10, back limb (y 60) from slice 0, arch from slice 40 to 47."""
    aorta = np.zeros((60, 80, 20), np.bool_)
    aorta[10:40, 16:24, 5:15] = True
    aorta[0:40, 56:64, 5:15] = True
    aorta[40:48, 16:64, 5:15] = True
    return aorta


def rows_of(labels: np.ndarray, key: str) -> np.ndarray:
    return np.nonzero(mask_of(labels, key))[1]


def test_the_aorta_is_split_below_its_arch() -> None:
    found = split_aorta(walking_stick(), SPACING)

    arch = mask_of(found.labels, "aortic_arch").any((1, 2)).nonzero()[0]
    assert np.array_equal(arch, np.arange(40, 48))
    assert rows_of(found.labels, "ascending_aorta").max() < 40
    assert rows_of(found.labels, "descending_aorta").min() > 40
    assert set(PARTS) <= found.known


def test_an_abdominal_aorta_that_comes_forward_stays_descending() -> None:
    aorta = walking_stick()
    aorta = np.concatenate([np.zeros((60, 80, 20), np.bool_), aorta])
    for z in range(60):  # downwards from y 56 to y 11, in front of where the ascending limb began
        row = 11 + 45 * z // 60
        aorta[z, row : row + 8, 5:15] = True

    found = split_aorta(aorta, SPACING)

    assert rows_of(found.labels[:60], "descending_aorta").min() == 11
    assert not mask_of(found.labels[:60], "ascending_aorta").any()


def test_limbs_that_touch_are_shared_out_by_nearness() -> None:
    aorta = walking_stick()
    aorta[15:20, 24:56, 5:15] = True

    found = split_aorta(aorta, SPACING)

    middle = (24 + 56) / 2
    touching = found.labels[15:20]
    assert rows_of(touching, "ascending_aorta").max() == pytest.approx(middle, abs=1)
    assert rows_of(touching, "descending_aorta").min() == pytest.approx(middle, abs=1)


def test_a_vessel_that_is_never_cut_twice_stays_whole_with_a_reason() -> None:
    aorta = walking_stick()
    aorta[:, :40] = False

    found = split_aorta(aorta, SPACING)

    assert found.known == {"aorta"}
    assert set(found.unknown) == set(PARTS)
    assert np.array_equal(mask_of(found.labels, "aorta"), aorta)


def test_a_scan_without_aorta_knows_that_its_parts_are_absent() -> None:
    assert set(PARTS) <= split_aorta(np.zeros((5, 5, 5), np.bool_), SPACING).known
