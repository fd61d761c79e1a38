"""Widths that several measurements share: how far structures reach, in source pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from service.domain.image import PixelSpacing
from service.domain.measurement import Point
from service.errors import NotMeasurable
from service.measurements.registry import Subject


@dataclass(frozen=True, slots=True)
class HorizontalExtent:
    """How far a structure reaches to either side.

    Columns are those of the outer pixel edges (a one-pixel mask in column 7 reaches from 6.5 to
    7.5), each with the row where it is reached. Low and high are image sides, not the patient's.
    """

    low_column: float
    low_row: float
    high_column: float
    high_row: float

    @property
    def width(self) -> float:
        """Return the horizontal distance in pixels."""
        return self.high_column - self.low_column

    def line(self) -> tuple[Point, ...]:
        """Return the two half widths joined by a vertical step half-way.

        The outermost points rarely lie in one row. A slanted line would be longer than the width;
        the horizontal legs of this one add up to it, as a reader draws it by hand.
        """
        middle = (self.low_column + self.high_column) / 2
        return (
            (self.low_row, self.low_column),
            (self.low_row, middle),
            (self.high_row, middle),
            (self.high_row, self.high_column),
        )


def largest_component(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the largest 4-connected component, so that a stray pixel moves no border."""
    labelled, count = ndimage.label(mask)
    if count < 2:  # noqa: PLR2004 - nothing to choose between
        return mask
    sizes = np.bincount(labelled.ravel())
    sizes[0] = 0
    kept: NDArray[np.bool_] = labelled == sizes.argmax()
    return kept


def horizontal_extent(mask: NDArray[np.bool_]) -> HorizontalExtent:
    """Return how far a non-empty mask, bool (rows, columns), reaches to either side."""
    columns = np.flatnonzero(mask.any(axis=0))
    low, high = int(columns[0]), int(columns[-1])
    return HorizontalExtent(
        low - 0.5,
        float(np.flatnonzero(mask[:, low]).mean()),
        high + 0.5,
        float(np.flatnonzero(mask[:, high]).mean()),
    )


def heart_extent(subject: Subject) -> HorizontalExtent:
    """Return the extent of the heart's largest component; raises MissingSegment."""
    return horizontal_extent(largest_component(subject.segmentation.mask("heart")))


def thorax_extent(subject: Subject) -> HorizontalExtent:
    """Return the extent from one lung field's outer border to the other's.

    Both lungs must lie inside the image: a border at its edge is where the film ends, not where
    the thorax does. Raises MissingSegment, NotMeasurable.
    """
    fields = [
        largest_component(subject.segmentation.mask(key))
        for key in ("right_lung_field", "left_lung_field")
    ]
    extent = horizontal_extent(fields[0] | fields[1])
    columns = fields[0].shape[1]
    if extent.low_column < 0 or extent.high_column > columns - 1:
        raise NotMeasurable("a lung reaches the edge of the image")
    return extent


def millimetres(columns: float, spacing: PixelSpacing) -> float:
    """Return a horizontal distance in millimetres; raises NotMeasurable without a spacing."""
    if spacing.column_mm is None:
        raise NotMeasurable("no pixel spacing is known")
    return columns * spacing.column_mm
