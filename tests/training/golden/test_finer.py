"""Structures on a finer grid keep their place, size and slope."""

import numpy as np
import pytest

from training.golden.finer import finer

SPACING = (2.5, 0.85, 0.85)


def test_a_block_keeps_its_extent_within_a_fine_voxel() -> None:
    mask = np.zeros((20, 60, 60), np.bool_)
    mask[4:12, 10:40, 20:50] = True

    found = finer(mask, SPACING, 1.0)

    assert found.shape == (50, 51, 51)
    for axis, (first, last) in enumerate(((4, 12), (10, 40), (20, 50))):
        others = tuple(a for a in range(3) if a != axis)
        index = np.flatnonzero(found.any(axis=others))
        assert index[0] == pytest.approx(first * SPACING[axis], abs=1.0)
        assert index[-1] + 1 == pytest.approx(last * SPACING[axis], abs=1.0)


def test_a_slope_between_thick_slices_stays_a_slope() -> None:
    z, y, x = np.indices((20, 60, 60), dtype=float)
    del y
    slope = 0.3  # mm up per mm across
    mask = (z + 0.5) * SPACING[0] < 20 + slope * (x + 0.5) * SPACING[2]

    found = finer(mask, SPACING, 1.0)

    heights = found.sum(axis=0)[25]
    expected = 20 + slope * (np.arange(heights.size) + 0.5)
    assert np.abs(heights - expected).max() <= 1.5
    assert np.polyfit(np.arange(heights.size), heights, 1)[0] == pytest.approx(slope, abs=0.02)


def test_nothing_stays_nothing() -> None:
    assert not finer(np.zeros((4, 5, 6), np.bool_), (1.0, 1.0, 1.0), 0.5).any()
