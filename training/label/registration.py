"""One volume brought onto another: an affine, then a smooth displacement, by gradient descent.

What is compared is not grey values (contrast, noise) but what means the same in every chest: right
and left lung, airway, body, bone, and fat against soft tissue. Gradient descent on all of them at
once (torch, as in ConvexAdam's instance optimisation, Siebert et al. 2021) was measured against
SimpleITK's demons and ANTsPy; docs/labels.md has the figures.

Coordinates are (z, y, x) in mm from the corner of the first voxel.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch.nn import functional

from training.ingest.volume import Volume
from training.label.labelled import Mask
from training.label.rules import BONE_HU, Rules

FINE_MM = 3.0
CHANNELS = ("right_lung", "left_lung", "body", "bone", "airway", "soft")
WEIGHTS = (1.0, 1.0, 0.5, 2.0, 1.0, 1.0)
# A dome that stands higher than the atlas's draws the lower ribs with it, by one rib or more: a
# second attempt begins with the bones alone.
BONES_FIRST = (0.2, 0.2, 0.5, 4.0, 1.0, 0.2)
# Fat to muscle; higher values are left out, because contrast medium is in some volumes only.
SOFT_HU = (-150.0, 60.0)
AFFINE_STEPS = 40
# Coarseness of the images (times FINE_MM), of the displacement (times that), steps, learning rate.
LEVELS = ((2, 4, 60, 1.5), (2, 2, 60, 0.8), (1, 2, 30, 0.5))
STIFFNESS = 0.15
BONES_FIRST_STEPS = 40
SETTINGS = (
    *(FINE_MM, CHANNELS, WEIGHTS, BONES_FIRST, BONES_FIRST_STEPS),
    *(SOFT_HU, AFFINE_STEPS, LEVELS, STIFFNESS),
)


@dataclass(frozen=True, slots=True)
class Chest:
    """What is compared: float32 (1, channel, z, y, x) on a grid of `FINE_MM`."""

    picture: torch.Tensor

    @classmethod
    def of(cls, volume: Volume, rules: Rules, bone: Mask | None = None) -> "Chest":
        """From HU and the rules; `bone` where it is known better than by threshold."""
        hard = (volume.hu > BONE_HU) & (rules.body if bone is None else bone)
        low, high = SOFT_HU
        soft = np.where(rules.lungs, 0.0, (np.clip(volume.hu, low, high) - low) / (high - low))
        masks = (rules.right_lung, rules.left_lung, rules.body, hard, rules.trachea, soft)
        zoom = volume.spacing_mm[0] / FINE_MM
        small = [_shrunk(np.asarray(mask, np.float32), zoom) for mask in masks]
        return cls(torch.from_numpy(np.stack(small))[None])

    def coarser(self, factor: int) -> torch.Tensor:
        """The picture with voxels `factor` times as large."""
        if factor == 1:
            return self.picture
        return functional.avg_pool3d(self.picture, factor, ceil_mode=True, count_include_pad=False)


def _shrunk(values: npt.NDArray[np.float32], zoom: float) -> npt.NDArray[np.float32]:
    smooth = ndimage.gaussian_filter(values, 0.4 / zoom)
    return np.asarray(
        ndimage.zoom(smooth, zoom, order=1, grid_mode=True, mode="nearest"), np.float32
    )


@dataclass(frozen=True, slots=True)
class Affine:
    """x -> matrix (x - pivot) + offset, in mm."""

    matrix: torch.Tensor
    pivot: torch.Tensor
    offset: torch.Tensor

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """Map points (3, n)."""
        return self.matrix @ (points - self.pivot[:, None]) + self.offset[:, None]


@dataclass(frozen=True, slots=True)
class Warp:
    """From the fixed volume's coordinates to the moving one's; `difference` is what remained."""

    affine: Affine
    displacement_mm: torch.Tensor | None
    difference: float

    def carry(
        self, labels: npt.NDArray[np.uint8], shape: Sequence[int], spacing_mm: float
    ) -> npt.NDArray[np.uint8]:
        """The moving volume's labels on the fixed one's grid of `shape` (nearest neighbour)."""
        points = self.affine(_centres(shape, spacing_mm))
        if self.displacement_mm is not None:
            points += _resized(self.displacement_mm, shape)[0].reshape(3, -1)
        source = torch.from_numpy(labels.astype(np.float32))[None, None]
        carried = _sampled(source, points, spacing_mm, "nearest", "zeros")
        return np.asarray(carried.reshape(tuple(shape)).numpy().astype(np.uint8))


def register(fixed: Chest, moving: Chest, badness: Callable[[Warp], float]) -> Warp:
    """Bring `moving` onto `fixed`; the same input gives the same answer.

    Of two attempts, one with all weights and one with the bones first, the one with the smaller
    `badness` is finished.
    """
    attempts = [_coarse(fixed, moving, weights) for weights in (WEIGHTS, BONES_FIRST)]
    best = min(attempts, key=badness)
    return _finished(fixed, moving, best, LEVELS[-1:], WEIGHTS)


def _coarse(fixed: Chest, moving: Chest, weights: Sequence[float]) -> Warp:
    """Affine and all levels but the last, begun with the given weights."""
    warp = Warp(_affine(fixed, moving, weights), None, 0.0)
    factor, spread, steps, rate = LEVELS[0]
    warp = _finished(fixed, moving, warp, [(factor, spread, steps, rate)], weights)
    if weights != WEIGHTS:
        factor, spread, _, rate = LEVELS[1]
        between = [(factor, spread, BONES_FIRST_STEPS, rate)]
        warp = _finished(fixed, moving, warp, between, weights)
    return _finished(fixed, moving, warp, LEVELS[1:-1], WEIGHTS)


def _finished(
    fixed: Chest,
    moving: Chest,
    warp: Warp,
    levels: Sequence[tuple[int, int, int, float]],
    weights: Sequence[float],
) -> Warp:
    """Go on from `warp` through the given levels."""
    displacement, difference = warp.displacement_mm, warp.difference
    for factor, *settings in levels:
        images = fixed.coarser(factor), moving.coarser(factor)
        problem = _Problem.of(*images, FINE_MM * factor, weights)
        displacement, difference = _descend(problem, warp.affine, displacement, settings)
    return Warp(warp.affine, displacement, difference)


@dataclass(frozen=True, slots=True)
class _Problem:
    """Fixed values (channel, n) at points (3, n) of the `shape`d grid, and the moving picture."""

    values: torch.Tensor
    points: torch.Tensor
    chosen: torch.Tensor
    shape: tuple[int, ...]
    moving: torch.Tensor
    spacing_mm: float
    weights: torch.Tensor

    @classmethod
    def of(
        cls,
        fixed: torch.Tensor,
        moving: torch.Tensor,
        spacing_mm: float,
        weights: Sequence[float],
    ) -> "_Problem":
        """Compare only in and around the fixed body."""
        body = fixed[:, CHANNELS.index("body")][:, None]
        near = functional.max_pool3d((body > 0.3).float(), 5, 1, 2)[0, 0].reshape(-1) > 0  # noqa: PLR2004
        shape = tuple(fixed.shape[2:])
        values = fixed[0].reshape(len(CHANNELS), -1)[:, near]
        points, heavy = _centres(shape, spacing_mm)[:, near], torch.tensor(weights)[:, None]
        return cls(values, points, near, shape, moving, spacing_mm, heavy)

    def difference(self, points: torch.Tensor) -> torch.Tensor:
        """Weighted mean square between fixed values and the moving picture at `points` (3, n)."""
        extent = torch.tensor(self.moving.shape[2:])[:, None] * self.spacing_mm
        inside = ((points >= 0) & (points <= extent)).all(0).float()
        found = _sampled(self.moving, points, self.spacing_mm, "bilinear", "border")
        squares = ((found - self.values) ** 2 * self.weights).sum(0)
        return (squares * inside).sum() / inside.sum().clamp(min=1)


def _centres(shape: Sequence[int], spacing_mm: float) -> torch.Tensor:
    axes = [(torch.arange(n) + 0.5) * spacing_mm for n in shape]
    return torch.stack(torch.meshgrid(*axes, indexing="ij")).reshape(3, -1)


def _sampled(
    image: torch.Tensor, points: torch.Tensor, spacing_mm: float, mode: str, outside: str
) -> torch.Tensor:
    """Values (channel, n) of an image (1, channel, z, y, x) at points (3, n) in mm."""
    extent = torch.tensor(image.shape[2:])[:, None] * spacing_mm
    grid = (points / extent * 2 - 1).flip(0).T[None, :, None, None]
    found = functional.grid_sample(
        image, grid, mode=mode, padding_mode=outside, align_corners=False
    )
    return found[0, :, :, 0, 0]


def _affine(fixed: Chest, moving: Chest, weights: Sequence[float]) -> Affine:
    """Start with the apices on each other, then descend."""
    problem = _Problem.of(fixed.coarser(2), moving.coarser(2), 2 * FINE_MM, weights)
    low_f, high_f = _lung_box(fixed)
    low_m, high_m = _lung_box(moving)
    scale = (high_m - low_m) / (high_f - low_f)
    # Inspiration moves the domes and not the ribs: the height follows width and depth instead.
    scale[0] = scale[1:].mean()
    pivot, start = (low_f + high_f) / 2, (low_m + high_m) / 2
    pivot[0], start[0] = high_f[0], high_m[0]
    matrix = torch.diag(scale).requires_grad_()
    shift = torch.zeros(3, requires_grad=True)
    optimiser = torch.optim.Adam([{"params": [matrix], "lr": 0.01}, {"params": [shift], "lr": 1.5}])
    for _ in range(AFFINE_STEPS):
        optimiser.zero_grad()
        affine = Affine(matrix, pivot, start + shift)
        problem.difference(affine(problem.points)).backward()
        optimiser.step()
    return Affine(matrix.detach(), pivot, (start + shift).detach())


def _lung_box(chest: Chest) -> tuple[torch.Tensor, torch.Tensor]:
    """Robust lowest and highest corner of both lungs in mm."""
    lungs = chest.picture[0, :2].sum(0) > 0.5  # noqa: PLR2004
    points = torch.nonzero(lungs)[::5].float() * FINE_MM
    return torch.quantile(points, 0.01, dim=0), torch.quantile(points, 0.99, dim=0)


def _descend(
    problem: _Problem,
    affine: Affine,
    before: torch.Tensor | None,
    settings: Sequence[float],
) -> tuple[torch.Tensor, float]:
    """A displacement on a coarse grid (1, 3, z, y, x) in mm that makes the pictures agree."""
    spread, steps, rate = int(settings[0]), int(settings[1]), settings[2]
    size = [max(4, round(n / spread)) for n in problem.shape]
    control = torch.zeros(1, 3, *size) if before is None else _resized(before, size).clone()
    control.requires_grad_()
    start, step_mm = affine(problem.points), problem.spacing_mm * spread
    optimiser = torch.optim.Adam([control], lr=rate)
    difference = torch.zeros(())
    for _ in range(steps):
        optimiser.zero_grad()
        smooth = _smoothed(control)
        moved = _resized(smooth, problem.shape)[0].reshape(3, -1)[:, problem.chosen]
        difference = problem.difference(start + moved)
        strain = sum((torch.diff(smooth, dim=d) ** 2).mean() for d in (2, 3, 4)) / step_mm**2
        (difference + STIFFNESS * strain).backward()
        optimiser.step()
    return _smoothed(control.detach()), float(difference.detach())


def _resized(field: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    return functional.interpolate(field, tuple(size), mode="trilinear", align_corners=False)


def _smoothed(field: torch.Tensor) -> torch.Tensor:
    return functional.avg_pool3d(field, 3, 1, 1, count_include_pad=False)
