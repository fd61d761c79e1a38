"""The 95th-percentile surface distance of two masks.

Definition: a surface is the pixels that a 4-connected erosion takes away; for each surface pixel
the distance to the other mask's nearest surface pixel; the 95th percentile of either direction,
and the larger of the two. That is what MONAI's `compute_hausdorff_distance(percentile=95)` gives.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Mask = npt.NDArray[np.bool_]
GRID = 512
"""Distances in pixels are told on a grid whose longer side has this many, whatever the film has."""

PERCENTILE = 95


def surface_distance_95(found: Mask, truth: Mask) -> float | None:
    """In pixels of the masks' own grid; None when one of them is empty: no distance exists then."""
    if not (found.any() and truth.any()):
        return None
    part = _box(found | truth)
    edges = _edge(found[part]), _edge(truth[part])
    return max(_directed(*edges), _directed(*edges[::-1]))


def on_grid(distance: float, shape: tuple[int, ...]) -> float:
    """A distance in pixels of a (rows, columns) film, in pixels of the `GRID`."""
    return distance * GRID / max(shape)


def _directed(start: Mask, end: Mask) -> float:
    distances = ndimage.distance_transform_edt(~end)[start]
    return float(np.percentile(distances, PERCENTILE))


def _edge(mask: Mask) -> Mask:
    inner: Mask = ndimage.binary_erosion(mask)
    return mask & ~inner


def _box(mask: Mask) -> tuple[slice, slice]:
    """The part that holds all of the mask: outside it there is no surface to measure to."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
