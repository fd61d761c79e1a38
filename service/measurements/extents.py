"""Widths that several measurements share: how far structures reach, in source pixels."""

from dataclasses import dataclass

import numpy as np

from service.domain.image import PixelSpacing
from service.domain.measurement import Point
from service.errors import NotMeasurable
from service.measurements.registry import Subject
from service.measurements.shape import Shape


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


def horizontal_extent(shape: Shape) -> HorizontalExtent:
    """Return how far a structure reaches to either side."""
    low, high = shape.mask[:, 0], shape.mask[:, -1]
    return HorizontalExtent(
        shape.left - 0.5,
        float(np.flatnonzero(low).mean()) + shape.top,
        shape.right + 0.5,
        float(np.flatnonzero(high).mean()) + shape.top,
    )


def heart_extent(subject: Subject) -> HorizontalExtent:
    """Return the extent of the heart's largest component; raises MissingSegment."""
    return horizontal_extent(subject.shape("heart"))


def thorax_extent(subject: Subject) -> HorizontalExtent:
    """Return the extent from one lung field's outer border to the other's.

    Both lungs must lie inside the image: a border at its edge is where the film ends, not where
    the thorax does. Raises MissingSegment, NotMeasurable.
    """
    fields = [
        horizontal_extent(subject.shape(key)) for key in ("right_lung_field", "left_lung_field")
    ]
    low = min(fields, key=lambda field: field.low_column)
    high = max(fields, key=lambda field: field.high_column)
    if low.low_column < 0 or high.high_column > subject.columns - 1:
        raise NotMeasurable("a lung reaches the edge of the image")
    return HorizontalExtent(low.low_column, low.low_row, high.high_column, high.high_row)


def millimetres(columns: float, spacing: PixelSpacing) -> float:
    """Return a horizontal distance in millimetres; raises NotMeasurable without a spacing."""
    if spacing.column_mm is None:
        raise NotMeasurable("no pixel spacing is known")
    return columns * spacing.column_mm
