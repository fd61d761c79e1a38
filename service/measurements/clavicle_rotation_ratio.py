"""Clavicle rotation ratio: how unequally far the clavicles' medial ends are from the midline."""

import numpy as np

from service.domain.measurement import NormalRange, Point
from service.errors import NotMeasurable
from service.measurements import codes
from service.measurements.midline import THORACIC_VERTEBRAE, spine_midline
from service.measurements.registry import Definition, Subject, Taken, define
from service.measurements.shape import Shape
from service.measurements.sides import towards_left

THICK = 0.4
"""An end begins where the clavicle is this thick, in median thicknesses: a spike is no end."""
END = 0.05
"""The end's height is that of this part of the clavicle's length."""
FARTHEST_ROWS = 0.06
"""Rows by which the two ends may differ, in heights of the image."""
SHORTEST = 0.08
"""A shorter clavicle, in widths of the image, was not found as a whole."""


def take(subject: Subject) -> Taken:
    """Return the smaller distance over the larger one."""
    towards, midline = towards_left(subject), subject.once(spine_midline)
    if midline.segments == ("spine",):
        # The middle of a spine's mask is several millimetres off, as much as is measured here.
        raise NotMeasurable("the vertebrae were not found: their midline is needed")
    right = medial_end(subject, "clavicle_right", towards)
    left = medial_end(subject, "clavicle_left", -towards)
    if abs(right[0] - left[0]) > FARTHEST_ROWS * subject.rows:
        raise NotMeasurable("the clavicles end at different heights")
    distances = (
        (midline.column(right[0]) - right[1]) * towards,
        (left[1] - midline.column(left[0])) * towards,
    )
    if min(distances) <= 0:
        raise NotMeasurable("a clavicle reaches over the midline: the patient is turned too far")
    nearer = "right" if distances[0] < distances[1] else "left"
    row = (right[0] + left[0]) / 2
    across = ((row, right[1]), (row, midline.column(row)), (row, left[1]))
    aid = midline.line(row - 0.1 * subject.rows, row + 0.1 * subject.rows)
    return Taken(
        min(distances) / max(distances),
        across,
        f"the {nearer} clavicle ends nearer to the midline",
        (aid,),
        segments=("clavicle_right", "clavicle_left", *midline.segments),
    )


def medial_end(subject: Subject, key: str, towards: int) -> Point:
    """Return where a clavicle ends; `towards` is the side of its medial end: 1 is high columns.

    Raises MissingSegment, NotMeasurable.
    """
    clavicle = subject.shape(key)
    if clavicle.mask.shape[1] < SHORTEST * subject.columns:
        raise NotMeasurable(f"too little of the {key.replace('_', ' ')} is seen")
    columns = _thick_columns(clavicle)
    last = int(columns[-1] if towards > 0 else columns[0])
    near = np.abs(np.arange(clavicle.mask.shape[1]) - last) <= END * clavicle.mask.shape[1]
    row = float(np.nonzero(clavicle.mask[:, near])[0].mean())
    return clavicle.top + row, clavicle.left + last + 0.5 * towards


def _thick_columns(clavicle: Shape) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    thickness = clavicle.mask.sum(axis=0)
    return np.flatnonzero(thickness >= THICK * np.median(thickness))


DEFINITION = define(
    Definition(
        key="clavicle_rotation_ratio",
        name="Clavicle rotation ratio",
        code=codes.CLAVICLE_RATIO,
        unit=codes.RATIO_UNIT,
        finding_site=codes.CLAVICLE,
        segments=("clavicle_right", "clavicle_left", *THORACIC_VERTEBRAE),
        take=take,
        definition="Distance of one clavicle's medial end from the midline of the spine over that "
        "of the other's, the smaller over the larger. It is 1 when the patient faces the detector.",
        formula="min / max of |column of the medial end - column of the midline|",
        source="Lee et al., CheXStruct, arXiv 2505.18087 (2025)",
        normal=(
            NormalRange(
                0.4,
                1.0,
                "any age; below, the film counts as turned",
                "Lee et al., CheXStruct, arXiv 2505.18087 (2025)",
            ),
        ),
    )
)
