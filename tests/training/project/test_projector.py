import math

import numpy as np
import pytest
import torch

from training.channels import Layer
from training.project.deformation import Anatomy, Deformation, _drop_shoulders
from training.project.geometry import View, frontal_view
from training.project.projector import WATER_PER_MM, Scene, line_integrals, path_lengths, project

ANATOMY = Anatomy((0.0, 0.0, 0.0), 40.0, 80.0, -80.0)


def _box_scene() -> Scene:
    """A 60 mm deep, 80 mm wide and high box of water (class 1) in air, 2 mm voxels."""
    hu = np.full((101, 101, 101), -1000, np.int16)
    structures = np.zeros(hu.shape, np.uint8)
    inside = (slice(31, 71), slice(36, 66), slice(31, 71))
    hu[inside], structures[inside] = 0, 1
    return _scene(hu, structures, ANATOMY)


def _scene(hu: np.ndarray, structures: np.ndarray, anatomy: Anatomy) -> Scene:
    layers = {Layer.ORGANS: torch.from_numpy(structures)}
    return Scene(torch.from_numpy(hu), layers, (2.0,) * 3, anatomy)


def _view(size: int = 65, pixel_mm: float = 3.0) -> View:
    return frontal_view(
        anteroposterior=False,
        depth_mm=200.0,
        gap_mm=20.0,
        centre=(0.0, 0.0),
        size=(size, size),
        pixel_mm=pixel_mm,
    )


def test_path_length_through_a_box_is_its_depth_in_millimetres() -> None:
    projection = project(_box_scene(), _view(), Deformation(), 1.0)
    assert float(projection.paths[Layer.ORGANS][1][32, 32]) == pytest.approx(60, abs=2.0)


def test_the_line_integral_is_water_attenuation_times_depth() -> None:
    projection = project(_box_scene(), _view(), Deformation(), 1.0)
    assert float(projection.water[32, 32]) == pytest.approx(60 * WATER_PER_MM, rel=0.04)
    assert float(projection.bone.max()) == 0.0


def test_the_box_is_as_wide_as_magnification_makes_it() -> None:
    projection = project(_box_scene(), _view(), Deformation(), 1.0)
    columns = int((projection.paths[Layer.ORGANS][1][32] > 30).sum())
    # half depth counts: the box's middle lies 120 mm before the detector
    expected = 80 * 1800 / (1800 - 120) / 3.0
    assert columns == pytest.approx(expected, abs=1.5)


def test_paths_do_not_depend_on_voxel_size_or_step() -> None:
    scene = _box_scene()
    coarse = project(scene, _view(), Deformation(), 4.0).paths[Layer.ORGANS][1][32, 32]
    fine = project(scene, _view(), Deformation(), 1.0).paths[Layer.ORGANS][1][32, 32]
    assert float(coarse) == pytest.approx(float(fine), abs=4.0)


def test_bone_attenuates_more_than_its_density_as_water_alone() -> None:
    hu = np.full((31, 31, 31), 1150, np.int16)
    scene = _scene(hu, np.zeros(hu.shape, np.uint8), ANATOMY)
    water, bone = line_integrals(scene, _view(5, 1.0), Deformation(), 2.0)
    assert float(water[2, 2]) == pytest.approx(31 * 2 * WATER_PER_MM * 1.15, rel=1e-4)
    assert float(bone[2, 2]) == pytest.approx(31 * 2 * WATER_PER_MM, rel=1e-4)  # 1000 HU above 150


@pytest.mark.parametrize("scale", [0.8, 1.3])
def test_a_scaled_heart_is_wider_by_that_factor(scale: float) -> None:
    z, y, x = np.indices((101, 101, 101)) * 2.0 - 100
    ball = x**2 + y**2 + z**2 < 40**2
    hu = np.where(ball, 0, -1000).astype(np.int16)
    scene = _scene(hu, ball.astype(np.uint8), ANATOMY)
    view = _view(257, 0.75)
    widths = [
        math.sqrt(
            int(
                (
                    path_lengths(scene, view, Deformation(heart_scale=s), 2.0)[Layer.ORGANS][1] > 0
                ).sum()
            )
        )
        for s in (1.0, scale)
    ]
    assert widths[1] / widths[0] == pytest.approx(scale, rel=0.03)


def test_a_shallow_breath_lifts_the_diaphragm_by_that_much() -> None:
    hu = np.full((101, 61, 61), -850, np.int16)
    hu[:21] = 40  # the abdomen below z = -60 mm
    structures = np.zeros(hu.shape, np.uint8)
    structures[:21] = 1
    anatomy = Anatomy((0.0, 0.0, 0.0), 1.0, 100.0, -60.0)
    scene = _scene(hu, structures, anatomy)
    tops = []
    for breath in (0.0, 20.0):
        deformation = Deformation(breath_mm=breath, heart_scale=1.0)
        path = path_lengths(scene, _view(), deformation, 4.0)[Layer.ORGANS][1]
        tops.append(int(torch.nonzero(path[:, 32] > 50)[0]))
    lifted = (tops[0] - tops[1]) * 3.0
    # nothing moves at the apex, 20 mm at the base: there the sampling point lies 20 mm lower
    assert 10 < lifted < 25


def test_lowered_shoulders_leave_the_lungs_where_they_are() -> None:
    anatomy = Anatomy((0.0, 0.0, 0.0), 40.0, lung_top_mm=60.0, lung_bottom_mm=-80.0)
    points = torch.tensor([[140.0, 0.0, 80.0], [40.0, 0.0, 50.0], [140.0, 0.0, -20.0]])
    moved = _drop_shoulders(points, 30.0, anatomy) - points
    # sampled 30 mm higher: what lies there appears 30 mm lower
    assert moved[:, 2].tolist() == [30.0, 0.0, 0.0]
