"""Perspective projection of a labelled CT: line integrals and path lengths per class.

The detector is parallel to the coronal planes, so a view is one resampling of the volume on
(planes, rows, columns) followed by a sum over planes; each sample stands for a ray segment of one
plane distance times the ray's obliquity. The image is kept as two line integrals, water-like and
bone-like, so that tube voltage (how much brighter bone is) can be chosen later.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from training.channels import Layer
from training.project.deformation import Anatomy, Deformation, deform
from training.project.geometry import View, obliquity, ray_points, rotation

WATER_PER_MM = 0.0195  # linear attenuation of water at about 65 keV
BONE_FROM_HU = 150.0
COARSE = 8  # ray points are computed on every 8th sample and interpolated


@dataclass(frozen=True, slots=True)
class Scene:
    """`attenuation` (1, 2, z, y, x) per mm and layers of structure numbers (1, 1, z, y, x)."""

    attenuation: torch.Tensor
    layers: Mapping[Layer, torch.Tensor]
    spacing_mm: tuple[float, float, float]
    anatomy: Anatomy

    @property
    def half_extent_mm(self) -> torch.Tensor:
        """Half the distance between the outermost voxel centres, (x, y, z)."""
        depth, height, width = next(iter(self.layers.values()), self.attenuation).shape[2:]
        counts = torch.tensor([width - 1, height - 1, depth - 1], dtype=torch.float32)
        return counts * torch.tensor(self.spacing_mm[::-1]) / 2


Paths = Mapping[Layer, Mapping[int, torch.Tensor]]
"""Path length in mm (rows, columns) of every structure number that a layer holds."""


@dataclass(frozen=True, slots=True)
class Projection:
    """`water` and `bone` line integrals (rows, columns); `paths` per layer and structure."""

    water: torch.Tensor
    bone: torch.Tensor
    paths: Paths


def attenuation_of(hu: npt.NDArray[np.int16]) -> torch.Tensor:
    """(2, z, y, x) water-like and bone-like attenuation per mm from HU; air gives zero."""
    values = torch.from_numpy(hu.astype(np.float32))
    water = WATER_PER_MM * (1 + values.clamp(-1000, BONE_FROM_HU) / 1000)
    bone = WATER_PER_MM * (values - BONE_FROM_HU).clamp(min=0) / 1000
    return torch.stack([water, bone])


def project(scene: Scene, view: View, deformation: Deformation, step_mm: float) -> Projection:
    """Line integrals and path lengths of every structure for one view."""
    planes = _planes(scene, view, step_mm)
    grid = _sampling_grid(scene, view, deformation, planes)
    step = float(planes[1] - planes[0]) * obliquity(view)
    integrals = functional.grid_sample(scene.attenuation, grid, align_corners=True)[0].sum(1) * step
    return Projection(integrals[0], integrals[1], _paths(scene, grid, step))


def path_lengths(scene: Scene, view: View, deformation: Deformation, step_mm: float) -> Paths:
    """Path lengths as `project` gives them, without a picture."""
    planes = _planes(scene, view, step_mm)
    grid = _sampling_grid(scene, view, deformation, planes)
    return _paths(scene, grid, float(planes[1] - planes[0]) * obliquity(view))


def _paths(scene: Scene, grid: torch.Tensor, step: torch.Tensor) -> Paths:
    return {layer: _lengths(labels, grid, step) for layer, labels in scene.layers.items()}


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


def _lengths(
    labels: torch.Tensor, grid: torch.Tensor, step: torch.Tensor
) -> dict[int, torch.Tensor]:
    """Samples per structure number along the rays, times the length that each stands for."""
    sampled = functional.grid_sample(labels, grid, mode="nearest", align_corners=True)[0, 0]
    numbers, places = sampled.to(torch.uint8).unique(return_inverse=True)
    planes, rows, columns = sampled.shape
    index = places.reshape(planes, rows * columns)
    ones = torch.ones(1).expand(planes, rows * columns)
    counts = torch.zeros(len(numbers), rows * columns).scatter_add_(0, index, ones)
    lengths = counts.reshape(-1, rows, columns) * step
    return {int(n): length for n, length in zip(numbers, lengths, strict=True) if n}
