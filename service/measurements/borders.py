"""The two borders of a structure, row by row: what widths at a level and centre lines come from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from service.errors import NotMeasurable
from service.measurements.shape import Shape

Columns = NDArray[np.float64]
SMOOTHED_FRACTION = 0.02
"""Borders are medians over this part of the structure's height: a spike is no border."""


@dataclass(frozen=True, slots=True)
class Borders:
    """Where a structure begins and ends in each of its rows.

    rows: int (n,), consecutive. low, high: float (n,), columns of the outer pixel edges (a pixel in
    column 7 alone reaches from 6.5 to 7.5). Low and high are image sides, not the patient's.
    """

    rows: NDArray[np.int64]
    low: Columns
    high: Columns

    @property
    def widths(self) -> Columns:
        """Return the horizontal width of each row in pixels."""
        return self.high - self.low

    @property
    def centres(self) -> Columns:
        """Return the middle of each row, a column."""
        return (self.low + self.high) / 2

    def between(self, first: float, last: float) -> "Borders":
        """Return the rows from `first` to `last`; raises NotMeasurable when there is none."""
        inside = (self.rows >= first) & (self.rows <= last)
        if not inside.any():
            raise NotMeasurable("a structure does not reach the level at which it is measured")
        return Borders(self.rows[inside], self.low[inside], self.high[inside])

    def inner(self, above: float, below: float) -> "Borders":
        """Return the rows without the fractions `above` and `below` of the height at the ends."""
        count = len(self.rows)
        first, last = round(above * count), count - round(below * count)
        return self.between(float(self.rows[first]), float(self.rows[max(first, last - 1)]))

    def side(self, towards: int) -> Columns:
        """Return the border on the image side `towards`: -1 is low columns, 1 high ones."""
        return self.high if towards > 0 else self.low


def borders(shape: Shape) -> Borders:
    """Return the smoothed borders of a structure's largest component."""
    width = int(shape.mask.shape[1])
    low = shape.mask.argmax(axis=1)
    high = width - shape.mask[:, ::-1].argmax(axis=1)
    rows = np.arange(shape.top, shape.bottom + 1)
    return Borders(rows, _smooth(low) + shape.left - 0.5, _smooth(high) + shape.left - 0.5)


def _smooth(columns: NDArray[np.int64]) -> Columns:
    """Return the running median over an odd number of rows."""
    size = 2 * round(SMOOTHED_FRACTION * len(columns) / 2) + 1
    smooth: Columns = ndimage.median_filter(columns.astype(np.float64), size, mode="nearest")
    return smooth
