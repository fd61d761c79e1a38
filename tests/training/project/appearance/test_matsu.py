"""The published formula, voxel by voxel of 1 mm, against ours from line integrals."""

import numpy as np
import pytest

from training.project.appearance.matsu import matsu
from training.project.picture import Integrals
from training.project.projector import BONE_FROM_HU, WATER_PER_MM


def test_line_integrals_give_what_the_mean_along_the_ray_gives() -> None:
    hu = np.random.default_rng(3).uniform(-1000, 1500, (300, 4, 5))  # voxels of 1 mm along the ray
    attenuation = hu.mean(0) * 0.00195 / 1000 + 0.00195
    published = 1 - np.exp(-attenuation * len(hu))

    water = (WATER_PER_MM * (1 + np.minimum(hu, BONE_FROM_HU) / 1000)).sum(0)
    bone = (WATER_PER_MM * np.maximum(hu - BONE_FROM_HU, 0) / 1000).sum(0)
    found = matsu(
        Integrals(water.astype(np.float32), bone.astype(np.float32)), np.random.default_rng(1)
    )

    assert found == pytest.approx(published, rel=1e-4)
