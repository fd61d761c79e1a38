"""Packed masks through a sampling grid: one gather of bytes, then bits, then 2 x 2 sums."""

import numpy as np
import numpy.typing as npt
import torch

FULL = 4
"""What a pixel at half resolution holds where all four below it are inside the mask."""


def nearest_places(grid: torch.Tensor, rows: int, columns: int) -> npt.NDArray[np.int64]:
    """Index into a flattened (rows, columns) picture for each point of a grid (1, h, w, 2)."""
    half = torch.tensor([columns / 2, rows / 2])
    place = ((grid[0] + 1) * half - 0.5).round().long()
    column, row = place[..., 0].clamp(0, columns - 1), place[..., 1].clamp(0, rows - 1)
    found: npt.NDArray[np.int64] = (row * columns + column).numpy()
    return found


def warped_counts(
    packed: npt.NDArray[np.uint8],
    grid: torch.Tensor,
    shown: torch.Tensor,
    places: npt.NDArray[np.int64],
) -> npt.NDArray[np.uint8]:
    """Counts 0 to FULL (h / 2, w / 2, len(places)): how many of 2 x 2 pixels a channel covers.

    packed: (rows, columns, bytes), bit c is channel c; grid: (1, h, w, 2) as `grid_sample` takes;
    shown: bool (h, w), elsewhere every mask is empty; places: the wanted channels.
    """
    rows, columns, depth = packed.shape
    gathered = packed.reshape(-1, depth)[nearest_places(grid, rows, columns)]
    gathered[~shown.numpy()] = 0
    return halved_counts(gathered)[..., places]


def halved_counts(packed: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """(h, w, bytes) packed to counts (h / 2, w / 2, 8 * bytes).

    Eight channels are added at once as one 64-bit number: no byte of it exceeds FULL.
    """
    bits = np.unpackbits(packed, axis=-1).view(np.uint64)
    pairs = bits[0::2] + bits[1::2]
    return (pairs[:, 0::2] + pairs[:, 1::2]).view(np.uint8)
