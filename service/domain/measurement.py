"""A measured value with the lines that show it, or the reason why there is none."""

from dataclasses import dataclass
from enum import StrEnum

from service.domain.image import ViewPosition
from service.domain.segmentation import Code

Point = tuple[float, float]
"""(row, column) in source pixels; integers are pixel centres, (0, 0) the first pixel's centre."""

Line = tuple[Point, ...]
"""Points joined in order; closed when the last is the first."""


class MeasurementStatus(StrEnum):
    """Whether there is a value."""

    MEASURED = "measured"
    NOT_MEASURED = "not_measured"


class CheckStatus(StrEnum):
    """How a gate came out. A warning is said in the report; a failure stops what depends on it."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """One gate: what was looked at, how it came out, its score, the limit it was held against.

    reason: one sentence for people; None when it passed.
    """

    check: str
    status: str
    value: float | str | None = None
    threshold: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class NormalRange:
    """What is usual, for whom, and who says so. An open end is None; ends belong to the range.

    views: the projections for which it holds; empty means any.
    """

    low: float | None
    high: float | None
    population: str
    source: str
    views: tuple[ViewPosition, ...] = ()

    def position(self, value: float) -> str:
        """Return `below`, `within` or `above`."""
        if self.low is not None and value < self.low:
            return "below"
        return "above" if self.high is not None and value > self.high else "within"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number of one radiograph, or the reason why it could not be taken.

    key: stable snake_case. code: the concept. unit: UCUM (`mm`, `{ratio}`, `deg`, `px`).
    value is None exactly when status is NOT_MEASURED, and then `reason` says why.
    points: the line or polygon that shows it; empty when not measured. aids: further lines of the
    construction (a midline, a tangent), drawn beside it.
    finding_site: anatomy it is about. segments: keys of the segments that it was derived from.
    drawn_with: key of the measurement whose line it shares (a ratio is shown on the heart width).
    qualifier: remark repeated with the value, for instance where millimetres come from.
    interval: within which 95 % of repeated measurements of this film fall (see
    `service/measurements/repeatability.py`); None when it was not determined.
    gates: keys of the quality checks that it depends on. normal: the range that holds for this
    view, if any.
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
    points: Line = ()
    drawn_with: str | None = None
    qualifier: str | None = None
    aids: tuple[Line, ...] = ()
    interval: tuple[float, float] | None = None
    gates: tuple[str, ...] = ()
    normal: NormalRange | None = None
