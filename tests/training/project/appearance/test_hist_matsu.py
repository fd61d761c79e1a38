import numpy as np
import pytest

from training.project.appearance.hist_matsu import hist_matsu
from training.project.appearance.sharpening import sharpening
from training.project.picture import Integrals

WATER = np.random.default_rng(6).gamma(3, 1, (120, 110)).astype(np.float32)
INTEGRALS = Integrals(WATER, np.zeros_like(WATER))


def test_as_many_pixels_are_dark_as_bright() -> None:
    found = hist_matsu(INTEGRALS, np.random.default_rng(1))

    counts, _ = np.histogram(found, 10, (0, 1))
    assert counts / found.size == pytest.approx(np.full(10, 0.1), abs=0.02)


def test_order_is_kept() -> None:
    before = sharpening(INTEGRALS, np.random.default_rng(1)).ravel()
    after = hist_matsu(INTEGRALS, np.random.default_rng(1)).ravel()

    assert (np.diff(after[np.argsort(before)]) >= 0).all()
