"""Descending aorta width: the widest of five sections, across its course."""

from itertools import pairwise

import numpy as np

from service.domain.measurement import Line
from service.errors import NotMeasurable
from service.measurements import codes
from service.measurements.borders import Borders, borders
from service.measurements.extents import millimetres
from service.measurements.registry import Definition, Subject, Taken, define
from service.measurements.square_pixels import pixel_aspect

SECTIONS = 5
TRIMMED_ABOVE, TRIMMED_BELOW = 0.15, 0.05
"""Of the height: above it still turns down from the arch, below the mask is rounded off."""
LEAST_HEIGHT = 0.1
"""Of the image's height; a shorter piece shows no descending aorta."""


def take(subject: Subject) -> Taken:
    """Return millimetres in the plane that the spacing's provenance states."""
    aorta = _above_the_heart_s_bottom(subject)
    edges = np.linspace(0, len(aorta.rows), SECTIONS + 1).round().astype(int)
    aspect = pixel_aspect(subject)
    sections = [_section(aorta, first, last, aspect) for first, last in pairwise(edges)]
    columns, line = max(sections)
    value = millimetres(columns, subject.spacing)
    used = tuple(key for key in ("descending_aorta", "heart") if subject.segmentation.has(key))
    return Taken(value, line, subject.spacing.provenance.value, segments=used)


def _above_the_heart_s_bottom(subject: Subject) -> Borders:
    whole = borders(subject.shape("descending_aorta"))
    if subject.segmentation.has("heart"):
        whole = whole.between(float(whole.rows[0]), subject.shape("heart").bottom)
    if len(whole.rows) < LEAST_HEIGHT * subject.rows:
        raise NotMeasurable("too little of the descending aorta is seen")
    return whole.inner(TRIMMED_ABOVE, TRIMMED_BELOW)


def _section(aorta: Borders, first: int, last: int, aspect: float) -> tuple[float, Line]:
    """Return the median width across the course, in columns, and the line that shows it.

    A vessel that runs aslant is wider along a row than across by the cosine of its slant, which is
    the median over rows that lie half a section apart.
    """
    rows, centres = aorta.rows[first:last], aorta.centres[first:last]
    apart = max(1, len(rows) // 2)
    slope = float(np.median(centres[apart:] - centres[:-apart])) / apart
    middle = np.median(centres)
    slant = slope / aspect
    width = float(np.median(aorta.widths[first:last])) / np.hypot(1.0, slant)
    across = float(width / np.hypot(1.0, slant) / 2)
    down = across * slant / aspect
    row, column = float(rows.mean()), float(middle)
    line = ((row + down, column - across), (row - down, column + across))
    return float(width), line


DEFINITION = define(
    Definition(
        key="descending_aorta_width",
        name="Descending aorta width",
        code=codes.WIDTH,
        unit=codes.MILLIMETRE,
        finding_site=codes.DESCENDING_AORTA,
        segments=("descending_aorta",),
        take=take,
        definition="Largest width of the descending aorta across its course, above the lower end "
        "of the heart.",
        formula="largest of five sections' median widths along rows x cosine of the slant x column "
        "spacing, without the upper 15 % and the lower 5 % of the height",
        source="CheXStruct (CXReasonBench, arXiv 2505.18087, 2025)",
    )
)
