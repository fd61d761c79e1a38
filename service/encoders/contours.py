"""Outlines of masks as closed lines, for objects that draw lines instead of pixels."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from service.domain.measurement import Line

LONGEST_SIDE = 1200
"""The mask is looked at in steps so that its longer side has at most this many pixels."""
MOST_POINTS = 400
_SMALLEST_SHARE = 0.05
_SHORTEST = 8
_SMOOTHED_OVER = 5
Corners = NDArray[np.int64]


def outlines(mask: NDArray[np.bool_]) -> tuple[Line, ...]:
    """Return a closed line around each part of `mask`, holes too, the longest first.

    mask: bool (rows, columns). Points are (row, column) in its pixels and run between the pixel
    centres inside and those outside; at most 400 for a line. Specks are left out.
    """
    step = max(1, -(-max(mask.shape) // LONGEST_SIDE))
    sampled = mask[step // 2 :: step, step // 2 :: step]
    rows, columns = np.flatnonzero(sampled.any(axis=1)), np.flatnonzero(sampled.any(axis=0))
    if not len(rows):
        return ()
    first_corner = np.array((rows[0], columns[0]))
    part = sampled[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    loops = sorted((loop + first_corner for loop in _loops(part)), key=len, reverse=True)
    shortest = max(_SHORTEST, _SMALLEST_SHARE * len(loops[0]))
    first, *others = loops
    return tuple(
        _line(loop, step, mask.shape)
        for loop in (first, *(each for each in others if len(each) >= shortest))
    )


def _loops(mask: NDArray[np.bool_]) -> Iterator[Corners]:
    """Yield the borders, int (corners, 2): pixel (0, 0) has the corners (0, 0) to (1, 1)."""
    corners_in_a_row = mask.shape[1] + 1
    ways, second_ways = _ways(mask, corners_in_a_row)
    while ways:
        loop = [begin := next(iter(ways))]
        while (corner := _taken(ways, second_ways, loop[-1])) != begin:
            loop.append(corner)
        yield np.stack(np.divmod(np.array(loop), corners_in_a_row), axis=1)


def _taken(ways: dict[int, int], second_ways: dict[int, int], corner: int) -> int:
    """Return where the border goes on from `corner`, and forget that way, the second one first."""
    if corner in second_ways:
        return second_ways.pop(corner)
    return ways.pop(corner)


def _ways(mask: NDArray[np.bool_], corners_in_a_row: int) -> tuple[dict[int, int], dict[int, int]]:
    """Return for each corner on a border the one that follows it, clockwise around the mask.

    Where pixels touch at a corner alone, two ways lead on from it: the other is in the second.
    """
    padded = np.pad(mask, 1)
    right, down = 1, corners_in_a_row
    sides = (
        (padded[:-2, 1:-1], 0, right),  # above a pixel, to the right
        (padded[1:-1, 2:], right, down),
        (padded[2:, 1:-1], right + down, -right),
        (padded[1:-1, :-2], down, -down),
    )
    begins, ends = [], []
    for outside, first, way in sides:
        rows, columns = np.nonzero(mask & ~outside)
        begins.append(rows * corners_in_a_row + columns + first)
        ends.append(begins[-1] + way)
    begin, end = np.concatenate(begins), np.concatenate(ends)
    _, firsts = np.unique(begin, return_index=True)
    seconds = np.ones(len(begin), dtype=np.bool_)
    seconds[firsts] = False
    ways = dict(zip(begin[firsts].tolist(), end[firsts].tolist(), strict=True))
    return ways, dict(zip(begin[seconds].tolist(), end[seconds].tolist(), strict=True))


def _line(loop: Corners, step: int, shape: tuple[int, ...]) -> Line:
    """Return the loop without its stairs, closed, in pixels of the mask before it was sampled."""
    smooth = _smoothed(loop.astype(np.float64))
    taken = smooth[:: -(-len(smooth) // MOST_POINTS)]
    placed = np.clip((taken - 0.5) * step + step // 2, -0.5, np.array(shape) - 0.5)
    points = [(float(row), float(column)) for row, column in placed]
    return (*points, points[0])


def _smoothed(loop: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the running mean over five corners, around the loop."""
    margin = _SMOOTHED_OVER // 2
    around = np.concatenate([loop[-margin:], loop, loop[:margin]])
    shifted = [around[i : i + len(loop)] for i in range(_SMOOTHED_OVER)]
    mean: NDArray[np.float64] = np.mean(shifted, axis=0)
    return mean
