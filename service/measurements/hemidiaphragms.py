"""The dome of a hemidiaphragm: where its upper border is highest under the lung."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from service.domain.measurement import Line, Point
from service.errors import NotMeasurable
from service.measurements.extents import HorizontalExtent, horizontal_extent
from service.measurements.lung_fields import LungSide, whole_field
from service.measurements.registry import Subject
from service.measurements.shape import Shape

UNDER_LUNG = (0.1, 0.9)
"""Part of the lung's width, from image low to high, under which lung and diaphragm should meet."""
MIDDLE = (0.25, 0.75)
"""Part of the lung's width under which the dome is looked for, behind the heart too."""
SMOOTHED = 0.05
"""The border is a running median over this part of the lung's width: a spike is no dome."""
TOP = 0.1
"""The dome's height is the mean over this part of the lung's width, around its highest column."""
FLAT = 0.5
"""Rows by which columns of the same height may differ; the dome is in the middle of those."""
MEETS = 0.05
"""Lung and region meet where they are this near, in heights of the lung; not under the heart."""
LEAST_SEEN = 0.1
"""Part of the lung's width over which they must meet."""


@dataclass(frozen=True, slots=True)
class Dome:
    """top: highest point in source pixels. border: the upper border below it."""

    top: Point
    border: Line


def dome(subject: Subject, side: LungSide) -> Dome:
    """Return the dome of one side; raises MissingSegment, NotMeasurable."""
    field, region = whole_field(subject, side), subject.shape(f"{side.name}_hemidiaphragm")
    extent = horizontal_extent(field)
    columns = _columns(region, extent, UNDER_LUNG)
    rows = _border(region, columns, extent.width)
    meets = np.abs(rows - _lung_ends(field, columns)) <= MEETS * len(field.mask)
    if meets.sum() < LEAST_SEEN * extent.width:
        raise NotMeasurable(f"lung and diaphragm of the {side.name} side do not meet")
    columns = _columns(region, extent, MIDDLE)
    if len(columns) < LEAST_SEEN * extent.width:
        raise NotMeasurable(f"the {side.name} hemidiaphragm is not seen below the lung")
    rows = _border(region, columns, extent.width)
    highest = float(columns[rows <= rows.min() + FLAT].mean())
    top = np.abs(columns - highest) <= TOP * extent.width / 2
    return Dome((float(rows[top].mean()), float(columns[top].mean())), _line(rows, columns))


def _columns(
    region: Shape, extent: HorizontalExtent, part: tuple[float, float]
) -> NDArray[np.int64]:
    """Return the columns of the region below a part of the lung's width."""
    first, last = (extent.low_column + share * extent.width for share in part)
    return np.arange(max(region.left, round(first)), min(region.right, round(last)) + 1)


def _border(region: Shape, columns: NDArray[np.int64], width: float) -> NDArray[np.float64]:
    """Return the upper pixel edge in each column, a row of the image, smoothed."""
    highest = region.mask[:, columns - region.left].argmax(axis=0) + region.top - 0.5
    size = 2 * round(SMOOTHED * width / 2) + 1
    return np.asarray(ndimage.median_filter(highest, size, mode="nearest"))


def _lung_ends(field: Shape, columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the lower pixel edge of the lung in each column, a row of the image."""
    place = np.clip(columns - field.left, 0, field.mask.shape[1] - 1)
    height = len(field.mask)
    return np.asarray(field.top + height - field.mask[::-1, place].argmax(axis=0) - 0.5)


def _line(rows: NDArray[np.float64], columns: NDArray[np.int64]) -> Line:
    taken = np.unique(np.linspace(0, len(rows) - 1, 20).round().astype(int))
    return tuple((float(rows[i]), float(columns[i])) for i in taken)
