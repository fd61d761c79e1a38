"""Which measurements share a drawn line: an SR group is one region and what was measured on it.

Every group has a region: one group without makes OHIF show nothing of the whole report.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.domain.analysis import Analysis
from service.domain.image import PixelSpacing
from service.domain.measurement import Measurement, MeasurementStatus, Point
from service.domain.segmentation import Code, Segment

_AREA = Code("42798000", "SCT", "Area")
_SQUARE_MILLIMETRE = Code("mm2", "UCUM", "square millimeter")
_PIXELS = Code("{pixels}", "UCUM", "pixels")
_OUTLINE_ROWS = 64


@dataclass(frozen=True, slots=True)
class DrawnGroup:
    """Measurements with the line or outline that shows them; `key` names it over all films."""

    key: str
    points: tuple[Point, ...]
    measurements: tuple[Measurement, ...]


def drawn_groups(analysis: Analysis) -> tuple[DrawnGroup, ...]:
    """Return the groups in the order of their measurements; at least one.

    A measurement is drawn on the line of the one it names in `drawn_with`, else on its own, else
    on the outline of its first segment. With nothing measured, an outline stands alone.
    """
    groups: dict[str, DrawnGroup] = {}
    for measurement in analysis.measurements:
        if measurement.status is MeasurementStatus.MEASURED:
            drawn = _drawn(measurement, analysis)
            known = groups.get(drawn.key, DrawnGroup(drawn.key, drawn.points, ()))
            groups[drawn.key] = DrawnGroup(
                drawn.key, known.points, (*known.measurements, measurement)
            )
    return tuple(groups.values()) or (_outline_group(analysis),)


def refused(analysis: Analysis) -> tuple[Measurement, ...]:
    """Return what could not be measured."""
    return tuple(
        measurement
        for measurement in analysis.measurements
        if measurement.status is MeasurementStatus.NOT_MEASURED
    )


def tracking_key(group: DrawnGroup, analysis: Analysis) -> str:
    """Return the key under which the group is tracked: its segment's when it is the segment's own.

    A group belongs to a segment when it is the first that was to be taken from this segment alone
    (whether it succeeded or not, so that the key is the same on every film); SEG and SR then name
    the structure by one UID. Two groups never share a key: OHIF would show the last one only.
    """
    segments = {segment.key for segment in analysis.segmentation.segments}
    owners: dict[str, str] = {}
    for measurement in analysis.measurements:
        if len(measurement.segments) == 1 and measurement.drawn_with is None:
            owners.setdefault(measurement.segments[0], measurement.key)
    owned = next((segment for segment, owner in owners.items() if owner == group.key), group.key)
    return owned if owned in segments else group.key


def _drawn(measurement: Measurement, analysis: Analysis) -> DrawnGroup:
    """Return the group's key and points; the key does not depend on what else was measured."""
    key = measurement.drawn_with or measurement.key
    host = analysis.measurement(key)
    if host is not None and host.points:
        return DrawnGroup(key, host.points, ())
    return DrawnGroup(key, measurement.points or _outline_of_first(measurement, analysis), ())


def _outline_of_first(measurement: Measurement, analysis: Analysis) -> tuple[Point, ...]:
    found = next((key for key in measurement.segments if analysis.segmentation.has(key)), None)
    return outline(analysis.segmentation.mask(found)) if found else _border(analysis)


def _outline_group(analysis: Analysis) -> DrawnGroup:
    """Return the outline of the first structure that was found, with its area; else the image's."""
    for segment in analysis.segmentation.segments:
        if analysis.segmentation.has(segment.key):
            mask = analysis.segmentation.mask(segment.key)
            area = _area(segment, int(mask.sum()), analysis.image.spacing)
            return DrawnGroup(segment.key, outline(mask), (area,))
    return DrawnGroup("image", _border(analysis), ())


def _area(segment: Segment, pixels: int, spacing: PixelSpacing) -> Measurement:
    known = spacing.row_mm is not None and spacing.column_mm is not None
    value = pixels * (spacing.row_mm or 1.0) * (spacing.column_mm or 1.0)
    return Measurement(
        key=f"{segment.key}_area",
        name=f"Area of {segment.label}",
        code=_AREA,
        unit=_SQUARE_MILLIMETRE if known else _PIXELS,
        finding_site=segment.type,
        segments=(segment.key,),
        status=MeasurementStatus.MEASURED,
        value=value,
        qualifier=spacing.provenance.value,
    )


def outline(mask: NDArray[np.bool_]) -> tuple[Point, ...]:
    """Return a closed polygon around a non-empty mask: each row's two outer pixels.

    At most 64 rows are taken; a hole or a bay that does not open to the side is not followed.
    """
    rows = np.flatnonzero(mask.any(axis=1))
    taken = rows[np.unique(np.linspace(0, len(rows) - 1, _OUTLINE_ROWS).round().astype(int))]
    columns = [np.flatnonzero(mask[row])[[0, -1]] for row in taken]
    down = [(float(row), float(low)) for row, (low, _) in zip(taken, columns, strict=True)]
    up = [(float(row), float(high)) for row, (_, high) in zip(taken, columns, strict=True)]
    return (*down, *reversed(up), down[0])


def _border(analysis: Analysis) -> tuple[Point, ...]:
    bottom, right = analysis.image.rows - 1.0, analysis.image.columns - 1.0
    return ((0.0, 0.0), (0.0, right), (bottom, right), (bottom, 0.0), (0.0, 0.0))
