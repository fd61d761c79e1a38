"""The projector in PyTorch: what every other one is compared with, and what runs on a GPU.

Samples are taken plane by plane in chunks, so that memory stays bounded at any picture size.
"""

from collections.abc import Iterator

import torch
from torch.nn import functional

from training.project.rays import Bundle
from training.project.scene_volume import BITS, Affine

CHUNK_SAMPLES = 3_000_000
"""Ray samples at a time; one takes about 100 bytes while it is worked on."""
NEAR_FACE, FAR_FACE = 0.5, 1.501
"""Where the box begins, and how far from the last index it ends; a border voxel is around it."""


def sums(
    density: torch.Tensor, at: Affine, rays: Bundle, bone_from: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Sums over samples (rows, columns) of density up to `bone_from`, and of what lies above."""
    rows, columns = rays.weight_mm.shape
    total = torch.zeros(rows, columns, device=density.device)
    bone = torch.zeros_like(total)
    for positions in _chunks(density, at, rays):
        sampled = _trilinear(density, positions)
        total += sampled.sum(0)
        bone += (sampled - bone_from).clamp(min=0).sum(0)
    return total - bone, bone


def lengths(codes: torch.Tensor, at: Affine, rays: Bundle, slots: torch.Tensor) -> torch.Tensor:
    """Millimetres (slots, rows, columns) in each label; `slots` (layers, 256) is -1 for none."""
    rows, columns = rays.weight_mm.shape
    wanted = _wanted(slots)
    found = torch.zeros(wanted + 1, rows * columns, device=codes.device)
    lookup = torch.where(slots < 0, wanted, slots).to(codes.device, torch.int64)
    for positions in _chunks(codes, at, rays):
        nearest = _nearest(codes, positions).reshape(len(positions), -1)
        for layer, slot in enumerate(lookup):
            label = (nearest >> (BITS * layer)) & (2**BITS - 1)
            ones = torch.ones(1, device=codes.device).expand(label.shape)
            found.scatter_add_(0, slot[label], ones)
    counted = found[:wanted].reshape(wanted, rows, columns)
    return counted * rays.weight_mm.to(codes.device)


def _wanted(slots: torch.Tensor) -> int:
    return int(slots.max()) + 1 if slots.numel() else 0


def _chunks(volume: torch.Tensor, at: Affine, rays: Bundle) -> Iterator[torch.Tensor]:
    """Array positions (planes, rows, columns, 3) of some planes at a time."""
    rows, columns = rays.weight_mm.shape
    knots = at.index(rays.knots.to(volume.device)).permute(3, 0, 1, 2)
    raster = functional.interpolate(
        knots, size=(rows, columns), mode="bilinear", align_corners=True
    )
    along = torch.linspace(0, raster.shape[1] - 1, rays.samples, device=volume.device)
    for part in along.split(max(1, CHUNK_SAMPLES // (rows * columns))):
        before = part.floor().long().clamp(max=raster.shape[1] - 2)
        share = (part - before)[:, None, None]
        yield torch.lerp(raster[:, before], raster[:, before + 1], share).permute(1, 2, 3, 0)


def _inside(volume: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    """Whether positions lie in the box across and in depth; along the body all do."""
    seen = torch.ones(positions.shape[:-1], dtype=torch.bool, device=positions.device)
    for axis in (1, 2):
        place = positions[..., axis]
        seen &= (place >= NEAR_FACE) & (place <= volume.shape[axis] - FAR_FACE)
    return seen


def _trilinear(volume: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    size = torch.tensor(volume.shape, device=volume.device)
    grid = (2 * positions / (size - 1) - 1).flip(-1)[None]
    sampled = functional.grid_sample(
        volume[None, None], grid, align_corners=True, padding_mode="border"
    )
    return sampled[0, 0] * _inside(volume, positions)


def _nearest(volume: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    depth, height, width = volume.shape
    inside = _inside(volume, positions)
    z, y, x = ((positions + 0.5).long()).unbind(-1)
    index = (z.clamp(0, depth - 1) * height + y.clamp(0, height - 1)) * width + x.clamp(
        0, width - 1
    )
    return volume.flatten()[index] * inside
