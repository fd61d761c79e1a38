"""A binary structure on a finer grid, smooth between thick slices.

Labels of a scan with 2.5 mm slices have steps of that height; an end plate or a rib drawn with them
would be tilted by several degrees. Signed distances are interpolated instead of labels (Raya and
Udupa, IEEE Trans Med Imaging 1990;9:32), so that a border keeps its slope.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.label.labelled import Mask

MARGIN = 3
Spacing = tuple[float, float, float]


def finer(mask: Mask, spacing_mm: Spacing, spacing_new_mm: float) -> Mask:
    """Return the mask (z, y, x) on cubic voxels over the same extent."""
    shape = tuple(
        round(n * s / spacing_new_mm) for n, s in zip(mask.shape, spacing_mm, strict=True)
    )
    found = np.zeros(shape, np.bool_)
    if not mask.any():
        return found
    box = _box(mask)
    distance = _signed_distance(mask[box], spacing_mm)
    target, grid = _positions(box, mask.shape, shape)
    found[target] = ndimage.map_coordinates(distance, grid, order=1, mode="nearest") > 0
    return found


def _box(mask: Mask) -> tuple[slice, ...]:
    """Where the mask lies, with a margin, inside the array."""
    box = []
    for axis, size in enumerate(mask.shape):
        others = tuple(a for a in range(3) if a != axis)
        index = np.flatnonzero(mask.any(axis=others))
        box.append(slice(max(0, int(index[0]) - MARGIN), min(size, int(index[-1]) + MARGIN + 1)))
    return tuple(box)


def _signed_distance(mask: Mask, spacing_mm: Spacing) -> npt.NDArray[np.float64]:
    """Millimetres to the border, positive inside, which lies half a voxel beyond centres."""
    inside = ndimage.distance_transform_edt(mask, sampling=spacing_mm)
    outside = ndimage.distance_transform_edt(~mask, sampling=spacing_mm)
    return np.asarray(inside - outside)


def _positions(
    box: tuple[slice, ...], old: tuple[int, ...], new: tuple[int, ...]
) -> tuple[tuple[slice, ...], npt.NDArray[np.float64]]:
    """Which new voxels the box holds, and where in the box each of them lies."""
    target, axes = [], []
    for part, before, after in zip(box, old, new, strict=True):
        ratio = after / before
        first, last = int(part.start * ratio), min(after, int(np.ceil(part.stop * ratio)))
        target.append(slice(first, last))
        axes.append((np.arange(first, last) + 0.5) / ratio - 0.5 - part.start)
    return tuple(target), np.stack(np.meshgrid(*axes, indexing="ij"))
