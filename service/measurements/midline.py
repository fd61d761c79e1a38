"""The midline of the spine: a smooth column for each row, to which the chest is compared.

Through the centres of the thoracic vertebrae where the model has them, else along the middle of
the spine's mask, smoothed over about a vertebra's height.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from service.domain.measurement import Line
from service.errors import NotMeasurable
from service.measurements.borders import borders
from service.measurements.registry import Subject

THORACIC_VERTEBRAE = tuple(f"vertebra_t{number}" for number in range(1, 13))
FEWEST_VERTEBRAE = 4
LEAST_HEIGHT = 0.25
"""A spine shorter than this part of the image is no midline of a chest."""
_VERTEBRAE_OF_A_SPINE = 14
_DRAWN_POINTS = 25


@dataclass(frozen=True, slots=True)
class Midline:
    """rows: float (n,), rising; columns: float (n,). Known from the first row to the last.

    segments: keys of the structures that it was drawn through.
    """

    rows: NDArray[np.float64]
    columns: NDArray[np.float64]
    segments: tuple[str, ...] = ("spine",)

    @property
    def top(self) -> float:
        """Return the first row in which it is known."""
        return float(self.rows[0])

    @property
    def bottom(self) -> float:
        """Return the last row in which it is known."""
        return float(self.rows[-1])

    def column(self, row: float) -> float:
        """Return the column in `row`; raises NotMeasurable above or below what is known."""
        return float(self.at(np.array([row]))[0])

    def at(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the columns in `rows`; raises NotMeasurable above or below what is known."""
        if rows.min() < self.top or rows.max() > self.bottom:
            raise NotMeasurable("the spine is not seen at the level at which it is needed")
        return np.interp(rows, self.rows, self.columns)

    def line(self, first: float | None = None, last: float | None = None) -> Line:
        """Return points to draw, from row `first` to row `last` as far as it is known."""
        start = max(self.top, self.top if first is None else first)
        end = min(self.bottom, self.bottom if last is None else last)
        rows = np.linspace(start, end, _DRAWN_POINTS)
        return tuple((float(row), float(np.interp(row, self.rows, self.columns))) for row in rows)


def spine_midline(subject: Subject) -> Midline:
    """Return the midline; raises MissingSegment, NotMeasurable."""
    keys = tuple(key for key in THORACIC_VERTEBRAE if subject.segmentation.has(key))
    if len(keys) < FEWEST_VERTEBRAE:
        return _middle_of_mask(subject)
    rows, columns = np.array(sorted(subject.shape(key).centre for key in keys)).T
    return Midline(rows, columns, keys)


def _middle_of_mask(subject: Subject) -> Midline:
    spine = borders(subject.shape("spine"))
    if len(spine.rows) < LEAST_HEIGHT * subject.rows:
        raise NotMeasurable("too little of the spine is seen")
    sigma = len(spine.rows) / _VERTEBRAE_OF_A_SPINE / 2
    columns = ndimage.gaussian_filter1d(spine.centres, sigma, mode="nearest")
    return Midline(spine.rows.astype(np.float64), columns)
