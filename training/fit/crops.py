"""Boxes around masks, the picture inside them, and what was found there put back in its place.

A box is (top, bottom, left, right) as shares of the picture's sides, float32.
"""

import torch
from torch.nn import functional


def box_of(mask: torch.Tensor) -> torch.Tensor:
    """The smallest box (4,) around a bool mask (rows, columns) that is not empty."""
    sides = []
    for axis in (1, 0):
        filled = torch.nonzero(mask.any(axis)).flatten()
        sides += [
            int(filled[0]) / mask.shape[1 - axis],
            (int(filled[-1]) + 1) / mask.shape[1 - axis],
        ]
    return torch.tensor(sides)


def widened(boxes: torch.Tensor, margin: float) -> torch.Tensor:
    """Boxes (n, 4) with a margin on every side, as a share of their own side."""
    first, last = boxes[:, 0::2], boxes[:, 1::2]
    more = (last - first) * margin
    return torch.stack([first - more, last + more], -1).flatten(1)


def cropped(images: torch.Tensor, boxes: torch.Tensor, side: int) -> torch.Tensor:
    """What boxes (n, 4) show of images (n, channels, h, w), as (n, channels, side, side).

    Outside the picture is zero.
    """
    grid = _grid(boxes, (len(boxes), 1, side, side))
    return functional.grid_sample(images, grid.to(images), align_corners=False)


def put_back(crops: torch.Tensor, boxes: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """Inverse of `cropped`: (n, channels, *shape), zero outside the boxes."""
    centre, extent = (boxes[:, 0::2] + boxes[:, 1::2]) / 2, boxes[:, 1::2] - boxes[:, 0::2]
    first = 0.5 - centre / extent  # where the whole picture lies in the coordinates of the crop
    whole = torch.stack([first, first + 1 / extent], -1).flatten(1)
    grid = _grid(whole, (len(boxes), 1, *shape))
    return functional.grid_sample(crops, grid.to(crops), align_corners=False)


def _grid(boxes: torch.Tensor, shape: tuple[int, int, int, int]) -> torch.Tensor:
    """Sampling grid (n, h, w, 2) that looks at the boxes."""
    centre, extent = boxes[:, 0::2] + boxes[:, 1::2] - 1, boxes[:, 1::2] - boxes[:, 0::2]
    theta = torch.zeros(len(boxes), 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = extent[:, 1], extent[:, 0]
    theta[:, 0, 2], theta[:, 1, 2] = centre[:, 1], centre[:, 0]
    return functional.affine_grid(theta, list(shape), align_corners=False)


def inside(boxes: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """Bool (n, *shape): pixels whose middle lies in a box (n, 4)."""
    rows, columns = ((torch.arange(n) + 0.5) / n for n in shape)
    top, bottom, left, right = boxes[:, :, None].unbind(1)
    high = (rows >= top) & (rows < bottom)
    wide = (columns >= left) & (columns < right)
    return high[:, :, None] & wide[:, None, :]
