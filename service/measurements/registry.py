"""The measurements that are taken, in name order."""

from collections.abc import Callable
from dataclasses import dataclass

from service import measurements
from service.domain.image import PixelSpacing, ViewPosition
from service.domain.measurement import Measurement, MeasurementStatus, Point
from service.domain.segmentation import Code, Segmentation
from service.errors import MissingSegment
from service.plugins import Registry, load


@dataclass(frozen=True, slots=True)
class Subject:
    """What a measurement may look at. Masks are on the source grid, in stored pixel space."""

    segmentation: Segmentation
    spacing: PixelSpacing
    view: ViewPosition


@dataclass(frozen=True, slots=True)
class Taken:
    """A value in the definition's unit and the line that shows it (see `Measurement`)."""

    value: float
    points: tuple[Point, ...]
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """What a measurement is, apart from any image."""

    key: str
    name: str
    code: Code
    unit: Code
    finding_site: Code
    segments: tuple[str, ...]
    take: Callable[[Subject], Taken]
    drawn_with: str | None = None


MEASUREMENTS: Registry[Definition] = Registry("measurement")


def define(definition: Definition) -> Definition:
    """Register `definition` under its key."""
    return MEASUREMENTS.register(definition.key)(definition)


def measure_all(subject: Subject) -> tuple[Measurement, ...]:
    """Return every registered measurement, taken or with the reason why not."""
    load(measurements)
    return tuple(measure(definition, subject) for _, definition in MEASUREMENTS)


def measure(definition: Definition, subject: Subject) -> Measurement:
    """Return one measurement; a missing segment or a failed gate becomes its reason."""
    try:
        taken = definition.take(subject)
    except MissingSegment as error:
        return _measurement(definition, reason=error.text)
    return _measurement(definition, taken)


def _measurement(
    definition: Definition, taken: Taken | None = None, reason: str | None = None
) -> Measurement:
    return Measurement(
        key=definition.key,
        name=definition.name,
        code=definition.code,
        unit=definition.unit,
        finding_site=definition.finding_site,
        segments=definition.segments,
        status=MeasurementStatus.MEASURED if taken else MeasurementStatus.NOT_MEASURED,
        value=taken.value if taken else None,
        reason=reason,
        points=taken.points if taken else (),
        drawn_with=definition.drawn_with,
        qualifier=taken.qualifier if taken else None,
    )
