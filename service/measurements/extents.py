"""Widths that several measurements share: how far structures reach, in source pixels."""

from dataclasses import dataclass

import numpy as np

from service.domain.image import PixelSpacing
from service.domain.measurement import Point
from service.errors import NotMeasurable
from service.measurements.protrusions import body_columns
from service.measurements.registry import Subject
from service.measurements.shape import Shape

SPIKE_FRACTION = 0.02
"""What is thinner than this part of the structure's height is a spike."""


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
    """Return how far a structure reaches to either side.

    A column counts when the structure has a fiftieth of its height in it: a thread of pixels is no
    border, and a rounded border moves by a five-thousandth of its half width.
    """
    thickness = shape.mask.sum(axis=0)
    enough = max(1, round(SPIKE_FRACTION * shape.mask.shape[0]))
    reached = np.flatnonzero(thickness >= min(enough, int(thickness.max())))
    low, high = int(reached[0]), int(reached[-1])
    return HorizontalExtent(
        shape.left + low - 0.5,
        float(np.flatnonzero(shape.mask[:, low]).mean()) + shape.top,
        shape.left + high + 0.5,
        float(np.flatnonzero(shape.mask[:, high]).mean()) + shape.top,
    )


def heart_extent(subject: Subject) -> HorizontalExtent:
    """Return the extent of the heart's body; raises MissingSegment."""
    heart = subject.shape("heart")
    first, last = body_columns(heart)
    return horizontal_extent(Shape(heart.mask[:, first : last + 1], heart.top, heart.left + first))


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


def vertical_millimetres(rows: float, spacing: PixelSpacing) -> float:
    """Return a vertical distance in millimetres; raises NotMeasurable without a spacing."""
    if spacing.row_mm is None:
        raise NotMeasurable("no pixel spacing is known")
    return rows * spacing.row_mm


def square_millimetres(pixels: float, spacing: PixelSpacing) -> float:
    """Return an area in square millimetres; raises NotMeasurable without a spacing."""
    return millimetres(vertical_millimetres(pixels, spacing), spacing)
