"""Structures that follow from others: what lies below the diaphragm, and between the lungs."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.label.labelled import Mask

HALF = 0.5


def diaphragm_height(lungs: Mask, heart: Mask, ridge: int) -> npt.NDArray[np.float64]:
    """Height index (y, x) of the diaphragm: the lowest voxel of lungs and heart in each column.

    Columns without either take the height of the nearest column that has one. Peaks narrower than
    `ridge` columns are no dome but vessels under a lung's inner border, and are cut.
    """
    chest = lungs | heart
    lowest = np.argmax(chest, axis=0)
    filled = chest.any(axis=0)
    nearest = ndimage.distance_transform_edt(~filled, return_distances=False, return_indices=True)
    spread = lowest[tuple(nearest)].astype(np.float64)
    opened = ndimage.grey_opening(spread, size=(ridge, ridge))
    return np.asarray(ndimage.gaussian_filter(opened, ridge / 12))


def below_diaphragm(height: npt.NDArray[np.float64], slices: int) -> Mask:
    """(z, y, x) everything below a diaphragm of the given height index (y, x)."""
    return np.asarray(np.arange(slices)[:, None, None] < height[None])


def chest_outline(lungs: Mask) -> Mask:
    """(y, x) outline of the chest seen from above: the lungs, the gap between them closed."""
    seen = lungs.any(axis=0)
    grown = ndimage.binary_closing(np.pad(seen, 60), iterations=50)[60:-60, 60:-60]
    return np.asarray(ndimage.binary_fill_holes(grown | seen))


def right_half(right_lung: Mask, left_lung: Mask) -> npt.NDArray[np.bool_]:
    """(x,) True on the patient's right of the middle between the lungs."""
    middle = (_mean_x(right_lung) + _mean_x(left_lung)) / 2
    return np.asarray(np.arange(right_lung.shape[2]) < middle)


def _mean_x(mask: Mask) -> float:
    return float(np.nonzero(mask)[2].mean())


def between_lungs(right_lung: Mask, left_lung: Mask, excluded: Mask) -> Mask:
    """The mediastinum: per slice what lies between both lungs' inner edges, smoothed."""
    middle = np.zeros_like(right_lung)
    for z in np.flatnonzero(right_lung.any((1, 2)) & left_lung.any((1, 2))):
        middle[z] = _between(right_lung[z], left_lung[z])
    smooth = ndimage.gaussian_filter((middle & ~excluded).astype(np.float32), 2) > HALF
    return np.asarray(smooth & ~excluded & ~right_lung & ~left_lung)


def _between(right: Mask, left: Mask) -> Mask:
    """Row by row, from the right lung's inner edge to the left lung's, on rows that hold both."""
    columns = np.arange(right.shape[1])
    right_edge = np.where(right, columns, -1).max(1)
    left_edge = np.where(left, columns, right.shape[1]).min(1)
    both: Mask = np.logical_and(right.any(1), left.any(1))
    inside = (columns > right_edge[:, None]) & (columns < left_edge[:, None])
    return np.asarray(inside & both[:, None])
