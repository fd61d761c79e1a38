"""Heights of vertebral bodies on a lateral film: in front, in the middle and behind."""

from dataclasses import dataclass

import numpy as np

from service.domain.measurement import Line
from service.errors import NotMeasurable
from service.measurements.registry import Subject
from service.measurements.square_pixels import pixel_aspect
from service.measurements.vertebral_body import Body, towards_front, vertebral_body
from service.measurements.vertebral_column import Vertebra, vertebral_column

THIRDS = ("anterior", "middle", "posterior")
ROUNDED = 0.08
"""Part of the depth at either end that belongs to no third: corners are rounded there."""


@dataclass(frozen=True, slots=True)
class Third:
    """One third of a body. height: mean over its columns, in pixels of a column's width.

    line: from the upper to the lower border in the third's middle, in source pixels.
    """

    name: str
    height: float
    line: Line


@dataclass(frozen=True, slots=True)
class BodyHeights:
    """The three thirds of one vertebra, from front to back."""

    vertebra: Vertebra
    thirds: tuple[Third, ...]


def body_heights(subject: Subject) -> tuple[BodyHeights, ...]:
    """Return the heights of every body that stands out, from the neck down.

    Raises MissingSegment, and NotMeasurable where there is none.
    """
    column = subject.once(vertebral_column)
    front, aspect = towards_front(subject, column), pixel_aspect(subject)
    found = []
    for vertebra in column:
        try:
            found.append(BodyHeights(vertebra, _thirds(vertebral_body(vertebra, aspect, front))))
        except NotMeasurable:
            continue
    if not found:
        raise NotMeasurable("no vertebral body stands out from its arch")
    return tuple(found)


def _thirds(body: Body) -> tuple[Third, ...]:
    cut = round(ROUNDED * len(body.across))
    inner = np.arange(cut, len(body.across) - cut)
    parts = np.array_split(inner, len(THIRDS))
    return tuple(_third(name, body, part) for name, part in zip(THIRDS, parts, strict=True))


def _third(name: str, body: Body, part: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Third:
    height = float(body.heights[part].mean())
    middle = float(body.across[part].mean())
    centre = float((body.upper_border + body.lower_border)[part].mean()) / 2
    down = np.array([centre - height / 2, centre + height / 2])
    rows, columns = body.frame.points(np.array([middle, middle]), down)
    ends = zip(rows.tolist(), columns.tolist(), strict=True)
    return Third(name, height, tuple(ends))
