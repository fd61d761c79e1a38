"""The measurements that are taken, in name order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from service import measurements
from service.domain.gate import ALWAYS, Gate
from service.domain.image import PixelSpacing, ViewPosition
from service.domain.measurement import (
    CheckStatus,
    Line,
    Measurement,
    MeasurementStatus,
    NormalRange,
    QualityCheck,
)
from service.domain.segmentation import Code, Segmentation
from service.errors import MissingSegment, NotMeasurable
from service.measurements.scale import check_scale
from service.measurements.shape import Shape, largest_shape
from service.plugins import Registry, load

Result = TypeVar("Result")
_LENGTHS = {"mm", "mm2"}
FRONTAL = (ViewPosition.POSTERO_ANTERIOR, ViewPosition.ANTERO_POSTERIOR, ViewPosition.UNKNOWN)
LATERAL = (ViewPosition.LATERAL,)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a measurement may look at. Masks are on the source grid, in stored pixel space.

    checks: how the gates came out; the registry has already refused what depends on a failed one.
    patient_left_is_on_image_right: as header and masks agree; None when neither says.
    """

    segmentation: Segmentation
    spacing: PixelSpacing
    view: ViewPosition
    checks: tuple[QualityCheck, ...] = ()
    patient_left_is_on_image_right: bool | None = None
    _shapes: dict[str, Shape] = field(default_factory=dict, repr=False, compare=False)
    _once: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)

    def of(self, segmentation: Segmentation, spacing: PixelSpacing) -> "Subject":
        """Return the same radiograph with other masks, on a grid with this spacing."""
        left = self.patient_left_is_on_image_right
        return Subject(segmentation, spacing, self.view, self.checks, left)

    @property
    def rows(self) -> int:
        """Return the number of rows of the image."""
        return int(self.segmentation.masks.shape[1])

    @property
    def columns(self) -> int:
        """Return the number of columns of the image."""
        return int(self.segmentation.masks.shape[2])

    def mask(self, key: str) -> NDArray[np.bool_]:
        """Return the whole mask, bool (rows, columns); raises MissingSegment."""
        return self.segmentation.mask(key)

    def shape(self, key: str) -> Shape:
        """Return the structure's largest component, found once; raises MissingSegment."""
        if key not in self._shapes:
            self._shapes[key] = largest_shape(self.segmentation.mask(key))
        return self._shapes[key]

    def once(self, take: "Callable[[Subject], Result]") -> "Result":
        """Return `take` of this subject, worked out once: several measurements need it."""
        if take not in self._once:
            self._once[take] = take(self)
        found: Result = self._once[take]
        return found

    def first_shape(self, *keys: str) -> Shape:
        """Return the first of these structures that was found; raises MissingSegment."""
        found = next((key for key in keys if self.segmentation.has(key)), keys[0])
        return self.shape(found)


@dataclass(frozen=True, slots=True)
class Taken:
    """A value in the definition's unit and the lines that show it (see `Measurement`).

    part: what of several it is (`right`, `t7_t12`); None for a measurement with one value.
    name, finding_site and segments: what differs for this part; the definition's otherwise.
    """

    value: float
    points: Line
    qualifier: str | None = None
    aids: tuple[Line, ...] = ()
    part: str | None = None
    name: str | None = None
    finding_site: Code | None = None
    segments: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """What a measurement is, apart from any image.

    definition: what is measured, in a sentence or two. formula: how, on the masks. source: who
    defined it. normal: ranges, each with its population, source and views; the first that holds
    for the view is used. gates: what it depends on beside `ALWAYS`: it is not measured when one of
    these checks failed. views: projections in which it means anything.
    take: returns one value or several (at least one); raises MissingSegment, NotMeasurable.
    """

    key: str
    name: str
    code: Code
    unit: Code
    finding_site: Code
    segments: tuple[str, ...]
    take: Callable[[Subject], Taken | tuple[Taken, ...]]
    definition: str
    formula: str
    source: str
    drawn_with: str | None = None
    normal: tuple[NormalRange, ...] = ()
    gates: tuple[Gate, ...] = ()
    views: tuple[ViewPosition, ...] = FRONTAL

    def normal_range(self, view: ViewPosition) -> NormalRange | None:
        """Return the range that holds for this view."""
        return next((each for each in self.normal if not each.views or view in each.views), None)


MEASUREMENTS: Registry[Definition] = Registry("measurement")


def define(definition: Definition) -> Definition:
    """Register `definition` under its key."""
    return MEASUREMENTS.register(definition.key)(definition)


def measure_all(subject: Subject) -> tuple[Measurement, ...]:
    """Return every measurement of this view, taken or with the reason why not."""
    load(measurements)
    return tuple(
        measurement
        for _, definition in MEASUREMENTS
        if subject.view in definition.views
        for measurement in measure(definition, subject)
    )


def measure(definition: Definition, subject: Subject) -> tuple[Measurement, ...]:
    """Return the values of one definition; a missing segment or a failed gate is the reason."""
    try:
        _check_gates(definition, subject)
        if definition.unit.value in _LENGTHS:
            check_scale(subject.segmentation, subject.spacing)
        taken = definition.take(subject)
    except MissingSegment as error:
        return (_refused(definition, error.text),)
    parts = taken if isinstance(taken, tuple) else (taken,)
    return tuple(_measured(definition, part, subject) for part in parts)


def _check_gates(definition: Definition, subject: Subject) -> None:
    for check in subject.checks:
        if check.check in (*ALWAYS, *definition.gates) and check.status == CheckStatus.FAILED:
            raise NotMeasurable(check.reason or f"the check {check.check} failed")


def _refused(definition: Definition, reason: str) -> Measurement:
    return Measurement(
        key=definition.key,
        name=definition.name,
        code=definition.code,
        unit=definition.unit,
        finding_site=definition.finding_site,
        segments=definition.segments,
        status=MeasurementStatus.NOT_MEASURED,
        reason=reason,
        drawn_with=definition.drawn_with,
        gates=(*ALWAYS, *definition.gates),
    )


def _measured(definition: Definition, taken: Taken, subject: Subject) -> Measurement:
    return Measurement(
        key="_".join(_present(definition.key, taken.part)),
        name=taken.name or definition.name,
        code=definition.code,
        unit=definition.unit,
        finding_site=taken.finding_site or definition.finding_site,
        segments=taken.segments or definition.segments,
        status=MeasurementStatus.MEASURED,
        value=float(taken.value),
        points=taken.points,
        drawn_with=definition.drawn_with,
        qualifier=taken.qualifier,
        aids=taken.aids,
        gates=(*ALWAYS, *definition.gates),
        normal=None if _is_child(subject) else definition.normal_range(subject.view),
    )


def _is_child(subject: Subject) -> bool:
    """Return whether the age gate found a child: every normal range here is one of adults."""
    return any(
        check.check == Gate.AGE and check.status != CheckStatus.PASSED for check in subject.checks
    )


def _present(*texts: str | None) -> Iterator[str]:
    yield from (text for text in texts if text)
