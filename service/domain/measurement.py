"""A measured value with the line that shows it, or the reason why there is none."""

from dataclasses import dataclass
from enum import StrEnum

from service.domain.segmentation import Code

Point = tuple[float, float]
"""(row, column) in source pixels; integers are pixel centres, (0, 0) the first pixel's centre."""


class MeasurementStatus(StrEnum):
    """Whether there is a value."""

    MEASURED = "measured"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number of one radiograph, or the reason why it could not be taken.

    key: stable snake_case. code: the concept. unit: UCUM (`mm`, `{ratio}`, `deg`, `px`).
    value is None exactly when status is NOT_MEASURED, and then `reason` says why.
    points: end points of the line or polygon that shows it; empty when not measured.
    finding_site: anatomy it is about. segments: keys of the segments that it was derived from.
    drawn_with: key of the measurement whose line it shares (a ratio is shown on the heart width).
    """

    key: str
    name: str
    code: Code
    unit: Code
    finding_site: Code
    segments: tuple[str, ...]
    status: MeasurementStatus
    value: float | None = None
    reason: str | None = None
    points: tuple[Point, ...] = ()
    drawn_with: str | None = None
    qualifier: str | None = None
    """Free remark repeated with the value, for instance where millimetres come from."""


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """One gate: what was looked at, how it came out (`passed`, `warning`, `failed`), its score."""

    check: str
    status: str
    value: float | str | None = None
