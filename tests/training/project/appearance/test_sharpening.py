import numpy as np
import pytest

from training.project.appearance.bone_matsu import bone_matsu
from training.project.appearance.sharpening import sharpening
from training.project.picture import Integrals


def test_a_lone_pixel_is_lifted_by_seven_tenths_of_what_stands_above_its_neighbours() -> None:
    water = np.full((9, 9), 3.0, np.float32)
    water[4, 4] = 5.0
    integrals = Integrals(water, np.zeros_like(water))
    before = bone_matsu(integrals, np.random.default_rng(1))

    after = sharpening(integrals, np.random.default_rng(1))

    step = float(before[4, 4] - before[0, 0])
    # One of the nine pixels of the box is the pixel itself.
    assert after[4, 4] == pytest.approx(before[4, 4] + 0.7 * step * 8 / 9, rel=1e-4)
    assert after[0, 0] == pytest.approx(before[0, 0], rel=1e-4)
