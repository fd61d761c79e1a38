"""One structure as measurements see it: its largest component, cut out of the image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Shape:
    """A connected structure. mask: bool, only its bounding box; top, left: where that box lies.

    All coordinates that a shape gives are the whole image's, in source pixels.
    """

    mask: Mask
    top: int
    left: int

    @property
    def bottom(self) -> int:
        """Return the last row that the structure reaches."""
        return self.top + int(self.mask.shape[0]) - 1

    @property
    def right(self) -> int:
        """Return the last column that the structure reaches."""
        return self.left + int(self.mask.shape[1]) - 1

    @property
    def pixels(self) -> int:
        """Return the area in pixels."""
        return int(self.mask.sum())

    @property
    def centre(self) -> tuple[float, float]:
        """Return the centre of gravity as (row, column)."""
        rows, columns = np.nonzero(self.mask)
        return float(rows.mean()) + self.top, float(columns.mean()) + self.left


def largest_shape(mask: Mask) -> Shape:
    """Return the largest 4-connected component of a non-empty mask, bool (rows, columns).

    A stray pixel then moves no border.
    """
    window = _window(mask)
    component = largest_component(mask[window])
    inner = _window(component)
    return Shape(
        component[inner], window[0].start + inner[0].start, window[1].start + inner[1].start
    )


def largest_component(mask: Mask) -> Mask:
    """Return the largest 4-connected component of `mask`."""
    labelled, count = ndimage.label(mask)
    if count < 2:  # noqa: PLR2004 - nothing to choose between
        return mask
    sizes = np.bincount(labelled.ravel())
    sizes[0] = 0
    kept: Mask = labelled == sizes.argmax()
    return kept


def _window(mask: Mask) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
