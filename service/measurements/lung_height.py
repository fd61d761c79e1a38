"""Lung heights: from the apex down to the diaphragm in the middle of the lung."""

from functools import partial

import numpy as np

from service.domain.gate import Gate
from service.domain.measurement import Line
from service.measurements import codes
from service.measurements.extents import SPIKE_FRACTION, horizontal_extent, vertical_millimetres
from service.measurements.lung_fields import LEFT, RIGHT, LungSide, whole_field
from service.measurements.registry import Definition, Subject, Taken, define
from service.measurements.shape import Shape

MIDDLE = 0.1
"""The diaphragm's height is the median over this part of the lung's width, around its middle."""


def take(subject: Subject, side: LungSide) -> Taken:
    """Return millimetres in the plane that the spacing's provenance states."""
    top, bottom = height_line(whole_field(subject, side))
    value = vertical_millimetres(bottom[0] - top[0], subject.spacing)
    return Taken(value, (top, bottom), subject.spacing.provenance.value)


def height_line(field: Shape) -> Line:
    """Return the vertical line from the apex' level to the dome, at the middle of the lung."""
    extent = horizontal_extent(field)
    middle = (extent.low_column + extent.high_column) / 2
    return (apex_row(field), middle), (dome_row(field, middle, MIDDLE * extent.width), middle)


def apex_row(field: Shape) -> float:
    """Return the upper pixel edge of the first row that the lung fills by a fiftieth."""
    widths = field.mask.sum(axis=1)
    enough = max(1, round(SPIKE_FRACTION * field.mask.shape[1]))
    first = int(np.flatnonzero(widths >= min(enough, int(widths.max())))[0])
    return field.top + first - 0.5


def dome_row(field: Shape, column: float, width: float) -> float:
    """Return the lower pixel edge of the lung around `column`, the median over `width` columns."""
    half = max(0.5, width / 2)
    columns = np.arange(field.mask.shape[1]) + field.left
    near = field.mask[:, np.abs(columns - column) <= half]
    lowest = near.shape[0] - near[::-1].argmax(axis=0)
    return float(np.median(lowest[near.any(axis=0)])) + field.top - 0.5


DEFINITIONS = tuple(
    define(
        Definition(
            key=f"lung_height_{side.name}",
            name=f"Height of the {side.name} lung",
            code=codes.HEIGHT,
            unit=codes.MILLIMETRE,
            finding_site=side.site,
            segments=(side.segment,),
            take=partial(take, side=side),
            definition="Vertical distance from the level of the lung's apex to the diaphragm, "
            "in the middle of the lung's width.",
            formula="(median last row over the middle tenth of the lung's columns - first row of "
            "the lung field) x row spacing",
            source="plain height; depends on the depth of inspiration",
            gates=(Gate.FIELD_APICES, Gate.FIELD_BASES),
        )
    )
    for side in (RIGHT, LEFT)
)
