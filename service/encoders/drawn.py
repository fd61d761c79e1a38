"""What is drawn of an analysis, in which colour and how firmly; the same in every picture of it.

A film with a line for each of thirty measurements could not be read. The main lines carry their
values; the others are thin and carry a number that stands beside their value in the table.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from service.anatomy.profiles import CLINICAL
from service.domain.analysis import Analysis
from service.domain.measurement import Line, Measurement, MeasurementStatus
from service.domain.prior import Change, Relation
from service.domain.segmentation import Segment

Colour = tuple[int, int, int]

MAIN_KEYS = (
    "cardiothoracic_ratio",
    "cardiac_width",
    "thoracic_width",
    "upper_mediastinal_width",
    "carinal_angle",
    "cobb_angle",
    "thoracic_kyphosis",
)
"""What a reader of a chest film looks for first, in this order."""
MOST_MAIN_LINES = 6

LINE_COLOURS: tuple[Colour, ...] = (
    (255, 255, 255),
    (255, 90, 220),
    (255, 225, 60),
    (120, 220, 255),
    (150, 255, 130),
    (255, 150, 90),
)
_OTHER_COLOUR = (205, 205, 215)
_POINTS_OF_A_TRIANGLE = 3


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One line on the film. number: how the table refers to it, from 1.

    shown: the measurements that are read from it, its own first.
    is_outline: it closes around a structure, whose outline is drawn already.
    """

    number: int
    measurement: Measurement
    shown: tuple[Measurement, ...]
    colour: Colour
    is_main: bool

    @property
    def is_outline(self) -> bool:
        """Return whether the line is closed."""
        points = self.measurement.points
        return len(points) > _POINTS_OF_A_TRIANGLE and points[0] == points[-1]


def shown_segments(analysis: Analysis) -> tuple[Segment, ...]:
    """Return the structures that are drawn: what was found of the clinical ones and main lines.

    A model may find a hundred more, each rib and vertebra: they are in the SEG. A lung is left out
    where its field is shown.
    """
    measured, segmentation = measured_segments(analysis), analysis.segmentation
    wanted = (s for s in segmentation.segments if CLINICAL.has(s.key) or s.key in measured)
    chosen = [segment for segment in wanted if segmentation.has(segment.key)]
    keys = {segment.key for segment in chosen}
    return tuple(segment for segment in chosen if f"{segment.key}_field" not in keys)


def measured_segments(analysis: Analysis) -> frozenset[str]:
    """Return the keys of the structures behind the main lines; all if nothing was measured."""
    main = (line for line in drawn_lines(analysis) if line.is_main)
    measured = {key for line in main for m in line.shown for key in m.segments}
    return frozenset(measured or (s.key for s in analysis.segmentation.segments))


def drawn_lines(analysis: Analysis) -> tuple[DrawnLine, ...]:
    """Return each measurement that has a line of its own, the main ones first."""
    hosts = {m.key for m in analysis.measurements if m.points}
    own = [m for m in analysis.measurements if m.points and m.drawn_with not in hosts]
    ranks = {m.key: _rank(m, analysis) for m in own}
    ordered = sorted(own, key=lambda m: ranks[m.key])
    return tuple(_numbered(ordered, ranks, analysis))


def drawn_aids(lines: tuple[DrawnLine, ...]) -> Iterator[tuple[Line, Colour]]:
    """Yield the lines of construction of the main lines, each once, with their line's colour.

    One that is a measured line itself is drawn as that.
    """
    seen = {line.measurement.points for line in lines}
    for line in (each for each in lines if each.is_main):
        for aid in (aid for measurement in line.shown for aid in measurement.aids):
            if aid not in seen:
                seen.add(aid)
                yield aid, line.colour


def change_of(analysis: Analysis, key: str) -> Change | None:
    """Return what changed of the measurement called `key` since the prior, if that is known."""
    return next((change for change in analysis.changes if change.key == key), None)


def is_remarkable(measurement: Measurement, analysis: Analysis) -> bool:
    """Return whether the value lies outside its normal range, or changed since the prior."""
    if measurement.value is None:
        return False
    normal, change = measurement.normal, change_of(analysis, measurement.key)
    outside = normal is not None and normal.position(measurement.value) != "within"
    return outside or (
        change is not None and change.relation in {Relation.LARGER, Relation.SMALLER}
    )


def _numbered(
    ordered: list[Measurement], ranks: dict[str, int], analysis: Analysis
) -> Iterator[DrawnLine]:
    for index, measurement in enumerate(ordered):
        is_main = ranks[measurement.key] <= len(MAIN_KEYS) and index < MOST_MAIN_LINES
        colour = LINE_COLOURS[index % len(LINE_COLOURS)] if is_main else _OTHER_COLOUR
        shown = _read_from(measurement, analysis)
        yield DrawnLine(index + 1, measurement, shown, colour, is_main)


def _rank(measurement: Measurement, analysis: Analysis) -> int:
    """Return the place of the most important value that is read from this line."""
    shown = _read_from(measurement, analysis)
    places = [MAIN_KEYS.index(m.key) for m in shown if m.key in MAIN_KEYS]
    if any(is_remarkable(m, analysis) for m in shown):
        places.append(len(MAIN_KEYS))
    return min(places, default=len(MAIN_KEYS) + 1)


def _read_from(measurement: Measurement, analysis: Analysis) -> tuple[Measurement, ...]:
    others = (
        m
        for m in analysis.measurements
        if m.drawn_with == measurement.key and m.status is MeasurementStatus.MEASURED
    )
    return (measurement, *others)
