"""Spine-centre deviation: how far the vertebrae lie beside one straight line."""

import numpy as np
from numpy.typing import NDArray

from service.domain.measurement import Line
from service.measurements import codes
from service.measurements.extents import millimetres, vertical_millimetres
from service.measurements.registry import Definition, Subject, Taken, define
from service.measurements.seen_spine import SeenSpine, seen_spine
from service.measurements.vertebral_column import SEGMENTS

Points = NDArray[np.float64]


def take(subject: Subject) -> Taken:
    """Return the mean distance in millimetres; needs a pixel spacing."""
    spine = subject.once(seen_spine)
    pixel = (vertical_millimetres(1.0, subject.spacing), millimetres(1.0, subject.spacing))
    points = _centres(spine) * pixel
    middle = points.mean(axis=0)
    direction = np.linalg.svd(points - middle)[2][0]
    along = (points - middle) @ direction
    beside = points - middle - np.outer(along, direction)
    value = float(np.linalg.norm(beside, axis=1).mean())
    straight = np.array([middle + along.min() * direction, middle + along.max() * direction])
    source = subject.spacing.provenance.value
    return Taken(
        value, _drawn(straight / pixel), source, (_drawn(points / pixel),), segments=spine.segments
    )


def _centres(spine: SeenSpine) -> Points:
    """Return (n, 2) source rows and columns, not smoothed where vertebrae were found."""
    found = np.array([vertebra.centre for vertebra in spine.column] or spine.line.centres)
    return found / (spine.line.aspect, 1.0)


def _drawn(points: Points) -> Line:
    return tuple((float(row), float(column)) for row, column in points)


DEFINITION = define(
    Definition(
        key="spine_centre_deviation",
        name="Spine-centre deviation",
        code=codes.DISTANCE,
        unit=codes.MILLIMETRE,
        finding_site=codes.SPINE,
        segments=(*SEGMENTS, "spine"),
        take=take,
        definition="Mean distance of the vertebrae's centres from the straight line that fits them "
        "best. It grows with a scoliosis and with a slanting trunk does not.",
        formula="mean distance of the centres from their first principal axis, in mm; without "
        "vertebrae, of stations along the middle of the spine's mask",
        source="Seibold et al., arXiv 2306.03934 (2023), there in pixels of a scaled image",
    )
)
