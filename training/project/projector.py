"""Perspective projection of a labelled CT: line integrals and path lengths per class.

The detector is parallel to the coronal planes, so a view is one resampling of the volume on
(planes, rows, columns) followed by a sum over planes; each sample stands for a ray segment of one
plane distance times the ray's obliquity. The image is kept as two line integrals, water-like and
bone-like, so that tube voltage (how much brighter bone is) can be chosen later.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from training.project.deformation import Anatomy, Deformation, deform
from training.project.geometry import View, obliquity, ray_points, rotation

WATER_PER_MM = 0.0195  # linear attenuation of water at about 65 keV
BONE_FROM_HU = 150.0
COARSE = 8  # ray points are computed on every 8th sample and interpolated


@dataclass(frozen=True, slots=True)
class Scene:
    """`attenuation` (1, 2, z, y, x) per mm and `structures` (1, 1, z, y, x), ready to project."""

    attenuation: torch.Tensor
    structures: torch.Tensor
    spacing_mm: tuple[float, float, float]
    anatomy: Anatomy

    @property
    def half_extent_mm(self) -> torch.Tensor:
        """Half the distance between the outermost voxel centres, (x, y, z)."""
        depth, height, width = self.structures.shape[2:]
        counts = torch.tensor([width - 1, height - 1, depth - 1], dtype=torch.float32)
        return counts * torch.tensor(self.spacing_mm[::-1]) / 2


@dataclass(frozen=True, slots=True)
class Projection:
    """`water` and `bone` line integrals (rows, columns); `path_mm` (structures, rows, columns)."""

    water: torch.Tensor
    bone: torch.Tensor
    path_mm: torch.Tensor


def attenuation_of(hu: npt.NDArray[np.int16]) -> torch.Tensor:
    """(2, z, y, x) water-like and bone-like attenuation per mm from HU; air gives zero."""
    values = torch.from_numpy(hu.astype(np.float32))
    water = WATER_PER_MM * (1 + values.clamp(-1000, BONE_FROM_HU) / 1000)
    bone = WATER_PER_MM * (values - BONE_FROM_HU).clamp(min=0) / 1000
    return torch.stack([water, bone])


def project(
    scene: Scene, view: View, deformation: Deformation, classes: int, step_mm: float
) -> Projection:
    """Line integrals and path lengths of structures 0 .. classes - 1 for one view."""
    planes = _planes(scene, view, step_mm)
    grid = _sampling_grid(scene, view, deformation, planes)
    step = float(planes[1] - planes[0]) * obliquity(view)
    integrals = functional.grid_sample(scene.attenuation, grid, align_corners=True)[0].sum(1) * step
    lengths = _lengths(_nearest(scene, grid), classes) * step
    return Projection(integrals[0], integrals[1], lengths)


def path_lengths(
    scene: Scene, view: View, deformation: Deformation, classes: int, step_mm: float
) -> torch.Tensor:
    """(structures, rows, columns) mm, as `project` gives them, without a picture."""
    planes = _planes(scene, view, step_mm)
    grid = _sampling_grid(scene, view, deformation, planes)
    step = float(planes[1] - planes[0]) * obliquity(view)
    return _lengths(_nearest(scene, grid), classes) * step


def _nearest(scene: Scene, grid: torch.Tensor) -> torch.Tensor:
    sampled = functional.grid_sample(scene.structures, grid, mode="nearest", align_corners=True)
    return sampled[0, 0].to(torch.uint8)


def _planes(scene: Scene, view: View, step_mm: float) -> torch.Tensor:
    """Coronal planes through the whole volume, with a margin for a tilted patient."""
    half = float(scene.half_extent_mm[1])
    margin = 0.0 if view.yaw_deg == view.pitch_deg == view.roll_deg == 0 else 0.1 * half
    count = max(2, round(2 * (half + margin) / step_mm) + 1)
    return torch.linspace(-half - margin, half + margin, count)


def _sampling_grid(
    scene: Scene, view: View, deformation: Deformation, planes: torch.Tensor
) -> torch.Tensor:
    """(1, planes, rows, columns, 3) normalised sampling positions."""
    size = (len(planes), view.rows, view.columns)
    coarse = [max(2, n // COARSE) for n in size]
    depth = torch.linspace(float(planes[0]), float(planes[-1]), coarse[0])
    points = ray_points(view, depth, coarse[1], coarse[2]) @ rotation(view).T
    sampled = deform(points, deformation, scene.anatomy, scene.half_extent_mm)
    positions = (sampled / scene.half_extent_mm).permute(3, 0, 1, 2)[None]
    full = functional.interpolate(positions, size=size, mode="trilinear", align_corners=True)
    # Above and below the scan the last slice goes on: a neck and a belly, not a cut edge.
    full[:, 2].clamp_(-1, 1)
    return full.permute(0, 2, 3, 4, 1)


def _lengths(nearest: torch.Tensor, classes: int) -> torch.Tensor:
    """Count of samples per class along the rays, (classes, rows, columns)."""
    planes, rows, columns = nearest.shape
    index = nearest.reshape(planes, rows * columns).long()
    ones = torch.ones(1).expand(planes, rows * columns)
    counts = torch.zeros(classes, rows * columns).scatter_add_(0, index, ones)
    return counts.reshape(classes, rows, columns)
