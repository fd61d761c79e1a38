"""The mediastinum at the level of the aortic arch, and the chest on the same row."""

from dataclasses import dataclass

from service.domain.measurement import Line
from service.errors import NotMeasurable
from service.measurements.aortic_arch import arch_level, arch_segments
from service.measurements.borders import borders
from service.measurements.registry import Subject

_FIELDS = ("right_lung_field", "left_lung_field")


@dataclass(frozen=True, slots=True)
class Level:
    """A row with the columns between which something lies in it."""

    row: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """Return the horizontal width in pixels."""
        return self.high - self.low

    def line(self) -> Line:
        """Return the two ends."""
        return ((self.row, self.low), (self.row, self.high))


def widest_mediastinum(subject: Subject) -> Level:
    """Return the widest row at the level of the arch; raises MissingSegment, NotMeasurable."""
    rows = borders(subject.shape(_mediastinum(subject))).between(*arch_level(subject))
    widest = int(rows.widths.argmax())
    return Level(float(rows.rows[widest]), float(rows.low[widest]), float(rows.high[widest]))


def mediastinum_segments(subject: Subject) -> tuple[str, ...]:
    """Return the keys of what the width is taken from, and of what shows the level."""
    return _mediastinum(subject), *arch_segments(subject)


def _mediastinum(subject: Subject) -> str:
    known = subject.segmentation.has("upper_mediastinum")
    return "upper_mediastinum" if known else "cardiomediastinum"


def chest_at(subject: Subject, row: float) -> Level:
    """Return the outer borders of both lung fields in `row`; raises MissingSegment, NotMeasurable.

    Both must lie inside the image: at its edge the film ends, not the chest.
    """
    fields = [borders(subject.shape(key)).between(row, row) for key in _FIELDS]
    low = min(float(field.low[0]) for field in fields)
    high = max(float(field.high[0]) for field in fields)
    if low < 0 or high > subject.columns - 1:
        raise NotMeasurable("a lung reaches the edge of the image")
    return Level(row, low, high)
