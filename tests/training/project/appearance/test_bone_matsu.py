import numpy as np
import pytest

from training.project.appearance.bone_matsu import bone_matsu, falling
from training.project.picture import Integrals


def test_the_curve_falls_through_a_half_at_twice_the_average() -> None:
    values = np.array([[0.1, 0.2, 0.3]], np.float32)  # average 0.2

    found = falling(values)

    assert (np.diff(found) < 0).all()
    assert found[0, 2] == pytest.approx(1 / (1 + np.exp(4 * (0.3 - 0.4))))


def test_bone_counts_twice_once_in_the_body_and_once_alone() -> None:
    water = np.full((1, 100), 4.0, np.float32)
    with_bone, denser = (np.zeros((1, 100), np.float32) for _ in range(2))
    with_bone[0, 0] = 0.5
    as_bone = bone_matsu(Integrals(water, with_bone), np.random.default_rng(1))
    denser[0, 0] = 0.5
    as_water = bone_matsu(Integrals(water + denser, denser * 0), np.random.default_rng(1))

    assert np.ptp(as_bone) > 1.3 * np.ptp(as_water)
