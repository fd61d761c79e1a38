"""Carinal angle: between the lower, inner borders of the two main bronchi."""

import math
from dataclasses import dataclass

import numpy as np

from service.domain.measurement import NormalRange, Point
from service.errors import NotMeasurable
from service.measurements import codes
from service.measurements.borders import Borders
from service.measurements.registry import Definition, Subject, Taken, define
from service.measurements.shape import Mask, Shape, largest_component
from service.measurements.square_pixels import pixel_aspect

NEAR, FAR = 0.15, 0.85
"""The borders are taken over this part of the notch's depth: its rounded tip is no border."""
LARGEST_BEND = 0.1
"""Root mean square distance of a border from its straight line, in depths of the notch."""
FEWEST_ROWS = 8


@dataclass(frozen=True, slots=True)
class StraightLine:
    """column = at_top + slope x (row - top): a border fitted by least squares."""

    top: float
    at_top: float
    slope: float

    def at(self, row: float) -> Point:
        """Return the point of the line in `row`."""
        return row, self.at_top + self.slope * (row - self.top)


def take(subject: Subject) -> Taken:
    """Return degrees; the line goes from one bronchus over the carina to the other."""
    aspect = pixel_aspect(subject)
    gap = notch(subject.shape("tracheal_bifurcation"))
    inner = inner_borders(gap)
    low, high = (straight_line(inner, towards) for towards in (-1, 1))
    angle = angle_between(low, high, aspect)
    bottom = float(inner.rows[-1])
    crossing = low.top + (high.at_top - low.at_top) / (low.slope - high.slope)
    return Taken(angle, (low.at(bottom), low.at(crossing), high.at(bottom)))


def notch(bifurcation: Shape) -> Shape:
    """Return the gap between the two bronchi, open below, down to where the shorter one ends.

    Raises NotMeasurable when the mask does not part.
    """
    mask = bifurcation.mask
    before = np.logical_or.accumulate(mask, axis=1)
    behind = np.logical_or.accumulate(mask[:, ::-1], axis=1)[:, ::-1]
    gap = ~mask & before & behind
    if not gap.any():
        raise NotMeasurable("the main bronchi do not part")
    part: Mask = largest_component(gap)
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    if len(rows) < FEWEST_ROWS or _is_closed(mask, part, int(rows[-1])):
        raise NotMeasurable("the main bronchi do not part far enough")
    return Shape(part[box], bifurcation.top + int(rows[0]), bifurcation.left + int(columns[0]))


def _is_closed(mask: Mask, gap: Mask, last: int) -> bool:
    """Return whether the structure closes the gap below: then it is a hole and no notch."""
    return last + 1 < len(mask) and bool(mask[last + 1][gap[last]].all())


def inner_borders(gap: Shape) -> Borders:
    """Return the part of the notch's borders that the angle is taken from."""
    width = int(gap.mask.shape[1])
    low = gap.mask.argmax(axis=1) + gap.left - 0.5
    high = width - gap.mask[:, ::-1].argmax(axis=1) + gap.left - 0.5
    rows = np.arange(gap.top, gap.bottom + 1)
    return Borders(rows, low, high).inner(NEAR, 1 - FAR)


def straight_line(inner: Borders, towards: int) -> StraightLine:
    """Return the border on the image side `towards` as a line; raises NotMeasurable if bent."""
    top, columns = float(inner.rows[0]), inner.side(towards)
    slope, at_top = np.polyfit(inner.rows - top, columns, 1)
    distance = columns - at_top - slope * (inner.rows - top)
    depth = len(inner.rows) / (FAR - NEAR)
    if float(np.sqrt((distance**2).mean())) > LARGEST_BEND * depth:
        raise NotMeasurable("the borders of the main bronchi are not straight")
    return StraightLine(top, float(at_top), float(slope))


def angle_between(low: StraightLine, high: StraightLine, aspect: float) -> float:
    """Return the angle in degrees that opens downwards; raises NotMeasurable when it does not."""
    if high.slope <= low.slope:
        raise NotMeasurable("the main bronchi do not part")
    return math.degrees(math.atan(high.slope / aspect) - math.atan(low.slope / aspect))


DEFINITION = define(
    Definition(
        key="carinal_angle",
        name="Carinal angle",
        code=codes.CARINA_ANGLE,
        unit=codes.DEGREE,
        finding_site=codes.CARINA,
        segments=("tracheal_bifurcation",),
        take=take,
        definition="Angle between the lower, inner borders of the right and left main bronchus at "
        "the carina.",
        formula="angle between straight lines fitted to both borders of the notch between the "
        "bronchi, over 15 to 85 % of its depth; refused when a border strays from its line by a "
        "tenth of the depth",
        source="Murray et al., AJR 1995;164:1089",
        normal=(
            NormalRange(
                40.0,
                80.0,
                "adults; mean 58.5, standard deviation 11.1 in 50 of them",
                "CheXStruct (CXReasonBench, arXiv 2505.18087, 2025), for the limits",
            ),
        ),
    )
)
