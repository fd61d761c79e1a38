"""What the panel below the overlay says: values, doubts, refusals, the prior, the colours."""

from collections.abc import Iterator

from service.domain.analysis import Analysis
from service.domain.measurement import CheckStatus, Measurement, MeasurementStatus
from service.domain.segmentation import Segment
from service.encoders.drawn import Colour, DrawnLine, change_of, is_remarkable
from service.encoders.overlay_panel import QUIET, TEXT, Entry, Section
from service.encoders.value_text import (
    change_text,
    interval_text,
    normal_text,
    value_text,
)

WARNING: Colour = (255, 196, 0)
_REMARKABLE: Colour = (255, 232, 150)
_FEW_VALUES = 6
_MOST_COLUMNS, _MOST_LEGEND_COLUMNS = 2, 5


def panel_sections(
    analysis: Analysis,
    lines: tuple[DrawnLine, ...],
    shown: tuple[Segment, ...],
    footer: str,
) -> tuple[Section, ...]:
    """Return the panel from top to bottom."""
    values = [*_drawn_values(analysis, lines), *_undrawn_values(analysis, lines)]
    doubts = [Entry(None, text, WARNING) for text in doubt_texts(analysis)]
    refusals = [Entry(None, text, QUIET) for text in refusal_texts(analysis)]
    columns = 1 if len(values) <= _FEW_VALUES else _MOST_COLUMNS
    return (
        Section(values, columns),
        Section([*_prior(analysis), *doubts, *refusals]),
        Section([Entry(s.colour_rgb, s.label) for s in shown], _MOST_LEGEND_COLUMNS),
        Section([Entry(None, footer, QUIET)]),
    )


def measurement_text(measurement: Measurement, analysis: Analysis) -> str:
    """Return one line: name and value, then what it must be read with."""
    unit = measurement.unit.value
    normal = measurement.normal
    position = normal.position(measurement.value or 0.0) if normal else "within"
    usual = normal_text(normal, unit)
    change = change_text(change_of(analysis, measurement.key), unit)
    parts = (
        f"{measurement.name} {value_text(measurement.value or 0.0, unit)}",
        f"({interval})" if (interval := interval_text(measurement)) else "",
        f"{'' if position == 'within' else f'{position} '}usual {usual}" if usual else "",
        f"before {change}" if change else "",
    )
    first, *others = [part for part in parts if part]
    return ", ".join((first, *others)).replace(", (", " (")


def _drawn_values(analysis: Analysis, lines: tuple[DrawnLine, ...]) -> Iterator[Entry]:
    for line in lines:
        for place, measurement in enumerate(line.shown):
            number = f"{line.number}: " if place == 0 else ""
            text = number + measurement_text(measurement, analysis)
            yield Entry(line.colour, text, _text_colour(measurement, analysis))


def _undrawn_values(analysis: Analysis, lines: tuple[DrawnLine, ...]) -> Iterator[Entry]:
    """Yield values that no line shows, such as an area."""
    drawn = {m.key for line in lines for m in line.shown}
    for measurement in analysis.measurements:
        if measurement.status is MeasurementStatus.MEASURED and measurement.key not in drawn:
            text = measurement_text(measurement, analysis)
            yield Entry(None, text, _text_colour(measurement, analysis))


def _text_colour(measurement: Measurement, analysis: Analysis) -> Colour:
    return _REMARKABLE if is_remarkable(measurement, analysis) else TEXT


def _prior(analysis: Analysis) -> Iterator[Entry]:
    if analysis.prior is not None:
        date = analysis.prior.acquired
        day = f"{date[:4]}-{date[4:6]}-{date[6:8]}"
        text = f"Before: radiograph of {day}, {analysis.prior.view}; value, difference, judgement"
        yield Entry(None, text, TEXT)


def doubt_texts(analysis: Analysis) -> Iterator[str]:
    """Yield the quality checks that did not pass, and why."""
    for check in analysis.quality:
        if check.status != CheckStatus.PASSED:
            said = check.reason or check.value
            name = check.check.replace("_", " ")
            yield f"Quality check {check.status}: {name}: {said}"


def refusal_texts(analysis: Analysis) -> Iterator[str]:
    """Yield what was not measured, those with the same reason together."""
    reasons: dict[str | None, list[str]] = {}
    for measurement in analysis.measurements:
        if measurement.status is MeasurementStatus.NOT_MEASURED:
            reasons.setdefault(measurement.reason, []).append(measurement.name)
    for reason, names in reasons.items():
        yield f"Not measured ({reason}): {', '.join(names)}"
