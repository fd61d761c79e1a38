"""The outline of a structure as a closed line: what shows an area on the film."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from service.domain.measurement import Line
from service.measurements.shape import Mask, Shape, largest_component

LARGEST_TRACED = 128
"""Longest side, in steps, of the grid on which the border is followed."""
_TOLERANCE = 0.75
"""Steps by which a corner may be left out; a tenth of the width where that is less."""
_STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))
"""Right, down, left, up: clockwise around the structure, which lies to the right of each step."""
Corner = tuple[int, int]


def outline(shape: Shape) -> Line:
    """Return the outer border as a closed polygon, without the bends that cannot be seen.

    Holes are not shown. Its corners are pixel corners of a grid of at most 128 steps.
    """
    step = max(1, -(-max(shape.mask.shape) // LARGEST_TRACED))
    coarse = largest_component(_coarse(shape.mask, step))
    corners = np.array(tuple(_corners(coarse)), dtype=np.float64)
    kept = _simplified(corners, min(_TOLERANCE, min(coarse.shape) / 10))
    limit = np.array(shape.mask.shape, dtype=np.float64)
    placed = np.minimum(kept * step, limit) + np.array([shape.top, shape.left]) - 0.5
    return tuple((float(row), float(column)) for row, column in placed)


def _coarse(mask: Mask, step: int) -> Mask:
    """Return the mask seen through squares of `step` pixels that are at least half covered."""
    rows, columns = (-(-size // step) * step for size in mask.shape)
    padded = np.zeros((rows, columns), np.float32)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    covered = padded.reshape(rows // step, step, columns // step, step).mean(axis=(1, 3))
    half: Mask = covered >= min(0.5, float(covered.max()))
    return half


def _corners(mask: Mask) -> Iterator[Corner]:
    """Yield the pixel corners of the outer border, clockwise, the first once more at the end.

    The border is followed with the structure at the right hand: turn right where it ends there,
    left where it goes on ahead.
    """
    padded = np.pad(mask, 1)
    start = (0, int(mask[0].argmax()))
    corner, heading = start, 0
    while True:
        yield corner
        corner = (corner[0] + _STEPS[heading][0], corner[1] + _STEPS[heading][1])
        if corner == start:
            yield corner
            return
        left, right = _ahead(padded, corner, heading)
        heading = (heading + (-1 if left and right else 0 if right else 1)) % 4


def _ahead(padded: Mask, corner: Corner, heading: int) -> tuple[bool, bool]:
    """Return whether the pixels before us, at the left and the right hand, are inside."""
    row, column = corner[0], corner[1]
    pixels = {
        0: ((row - 1, column), (row, column)),
        1: ((row, column), (row, column - 1)),
        2: ((row, column - 1), (row - 1, column - 1)),
        3: ((row - 1, column - 1), (row - 1, column)),
    }[heading]
    left, right = (bool(padded[each[0] + 1, each[1] + 1]) for each in pixels)
    return left, right


def _simplified(corners: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """Return a closed polygon with only the corners that matter (Douglas and Peucker 1973)."""
    farthest = int(((corners - corners[0]) ** 2).sum(axis=1).argmax())
    kept = {0, farthest, len(corners) - 1}
    waiting = [(0, farthest), (farthest, len(corners) - 1)]
    while waiting:
        first, last = waiting.pop()
        distances = _distances(corners[first : last + 1])
        if len(distances) and distances.max() > tolerance:
            middle = first + int(distances.argmax())
            kept.add(middle)
            waiting += [(first, middle), (middle, last)]
    return corners[sorted(kept)]


def _distances(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each point's distance from the line between the first and the last."""
    start, along = points[0], points[-1] - points[0]
    away = points - start
    length = float(np.hypot(*along)) or 1.0
    distances: NDArray[np.float64] = np.abs(away[:, 0] * along[1] - away[:, 1] * along[0]) / length
    return distances
