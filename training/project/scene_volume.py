"""The scene as rays want it: depth innermost, cut to the body, several label layers in one word.

A ray runs almost along one axis of the volume, the back-to-front axis or, in a lateral view, the
left-to-right axis. With that axis innermost its samples lie beside each other in memory. When the
step is longer than a voxel, neighbours along the depth are averaged first: no voxel is skipped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

AIR_HU = -1000
BODY_DENSITY = 50.0
"""HU above air; what is thinner outside the body is the scanner's noise."""
BITS = 8
LAYERS_AT_MOST = 4

Span = tuple[int, int]
Spacing = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Affine:
    """Patient mm (x, y, z) to array index (z, across, depth): mm[order] * scale + shift."""

    order: tuple[int, int, int]
    scale: tuple[float, float, float]
    shift: tuple[float, float, float]

    def index(self, points_mm: torch.Tensor) -> torch.Tensor:
        """Positions (..., 3) in the array for points (..., 3) in mm."""
        ordered = points_mm[..., list(self.order)]
        return ordered * points_mm.new_tensor(self.scale) + points_mm.new_tensor(self.shift)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One orientation of a scene.

    `density` float32 (z, across, depth) is HU above air, never negative; `codes` int32 of the same
    axes holds layer n's label in bits 8 n to 8 n + 7, `numbers[n]` those that occur. Both are the
    body's box with one voxel of its border repeated around it. Beyond the box nothing attenuates
    and nothing is labelled, but the first and last slice go on for ever: a neck and a belly, not a
    cut edge.
    """

    density: torch.Tensor
    density_at: Affine
    codes: torch.Tensor
    codes_at: Affine
    numbers: tuple[tuple[int, ...], ...]


def prepare(
    hu: torch.Tensor,
    layers: Sequence[torch.Tensor],
    spacing_mm: Spacing,
    *,
    sideways: bool,
    factor: int,
) -> Prepared:
    """Turn `hu` and `layers` (z, y, x) for frontal or sideways rays."""
    if len(layers) > LAYERS_AT_MOST:
        raise ValueError(f"{len(layers)} label layers; one word holds {LAYERS_AT_MOST}")
    across, depth = _body(hu, layers)
    if sideways:
        across, depth = depth, across
    turn = (0, 1, 2) if sideways else (0, 2, 1)
    depth = (depth[0] // factor * factor, depth[1])
    cut = (slice(None), slice(*across), slice(*depth))
    density = (hu.permute(turn)[cut].float() - AIR_HU).clamp(min=0)
    codes = _packed([layer.permute(turn)[cut] for layer in layers], density)
    axes = _axes(hu, spacing_mm, turn)
    return Prepared(
        _bordered(_thinned(density, factor)),
        _affine(axes, turn, (across[0], depth[0]), factor),
        _bordered(codes),
        _affine(axes, turn, (across[0], depth[0]), 1),
        tuple(_numbers(layer) for layer in layers),
    )


def _numbers(layer: torch.Tensor) -> tuple[int, ...]:
    held = torch.bincount(layer.flatten(), minlength=2**BITS)
    return tuple(n for n in torch.nonzero(held).flatten().tolist() if n > 0)


def _body(hu: torch.Tensor, layers: Sequence[torch.Tensor]) -> tuple[Span, Span]:
    """Spans in x and y that hold all that attenuates or is labelled, and a voxel around it."""
    seen = (hu > AIR_HU + BODY_DENSITY).any(0)
    for layer in layers:
        seen |= (layer > 0).any(0)
    return _span(seen.any(0)), _span(seen.any(1))


def _span(seen: torch.Tensor) -> Span:
    index = torch.nonzero(seen)
    if len(index) == 0:
        return 0, 1
    return max(0, int(index[0]) - 1), min(len(seen), int(index[-1]) + 2)


def _packed(layers: Sequence[torch.Tensor], like: torch.Tensor) -> torch.Tensor:
    codes = torch.zeros_like(like, dtype=torch.int32)
    for number, layer in enumerate(layers):
        codes |= layer.int() << (BITS * number)
    return codes


def _thinned(density: torch.Tensor, factor: int) -> torch.Tensor:
    """Mean of every `factor` voxels along the depth; the last one repeats to fill."""
    if factor == 1:
        return density
    missing = -density.shape[2] % factor
    filled = functional.pad(density, (0, missing), mode="replicate")
    return functional.avg_pool1d(filled, factor)


def _bordered(volume: torch.Tensor) -> torch.Tensor:
    """One voxel more on every side, as the outermost."""
    for axis, size in enumerate(volume.shape):
        index = torch.arange(-1, size + 1, device=volume.device).clamp(0, size - 1)
        volume = volume.index_select(axis, index)
    return volume.contiguous()


def _axes(
    hu: torch.Tensor, spacing_mm: Spacing, turn: tuple[int, int, int]
) -> list[tuple[float, float]]:
    """Voxels per mm and the centre's index, per axis of the turned array."""
    return [(1 / spacing_mm[axis], (hu.shape[axis] - 1) / 2) for axis in turn]


def _affine(
    axes: list[tuple[float, float]], turn: tuple[int, int, int], cut: Span, factor: int
) -> Affine:
    """The border adds one to each index; of `factor` voxels the middle is the new centre."""
    scale = [per_mm for per_mm, _ in axes]
    shift = [centre + 1 - first for (_, centre), first in zip(axes, (0, *cut), strict=True)]
    shift[2] = (shift[2] - 1 + 0.5) / factor + 0.5
    scale[2] /= factor
    x_y_z = tuple(2 - axis for axis in turn)
    return Affine(
        (x_y_z[0], x_y_z[1], x_y_z[2]),
        (scale[0], scale[1], scale[2]),
        (shift[0], shift[1], shift[2]),
    )
