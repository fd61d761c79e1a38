"""A value against the one of the prior image: a sentence, and below it what it says in numbers."""

from collections.abc import Iterator
from datetime import date

from highdicom.sr.value_types import ContentItem

from service.domain.analysis import Analysis
from service.domain.measurement import Measurement
from service.domain.prior import Change, Prior
from service.encoders import sr_codes, sr_items
from service.encoders.coding import dicom_code
from service.encoders.sr_items import Relationship

PROPERTIES = Relationship.HAS_PROPERTIES


def change_of(measurement: Measurement, analysis: Analysis) -> Change | None:
    """Return what changed of this measurement since the prior image, if that is known."""
    if analysis.prior is None:
        return None
    return next((each for each in analysis.changes if each.key == measurement.key), None)


def comparison(measurement: Measurement, analysis: Analysis) -> Iterator[ContentItem]:
    """Yield the prior value, where and when it was taken, the difference and what it means.

    They stand below the value, never beside it: a receiver that knows no comparison must not
    take an old value or a difference for today's.
    """
    change, prior = change_of(measurement, analysis), analysis.prior
    if change is not None and prior is not None:
        said = _sentence(measurement, change, prior)
        yield sr_items.below(
            sr_items.text(sr_codes.COMPARISON, said, PROPERTIES),
            _before(measurement, change, prior),
            _difference(measurement, change),
            *_relation(change),
        )


def spaced_unit(measurement: Measurement) -> str:
    """Return the unit as it follows a number in a sentence; nothing for ratios and counts."""
    unit = measurement.unit.value
    return "" if unit.startswith("{") or unit == "1" else f" {unit}"


def _sentence(measurement: Measurement, change: Change, prior: Prior) -> str:
    day, unit = prior.acquired, spaced_unit(measurement)
    when = f" of {day[:4]}-{day[4:6]}-{day[6:]}" if _is_date(day) else ""
    before, difference = sr_items.rounded(change.before), sr_items.rounded(change.difference)
    said = f"{before:g}{unit} on the prior image{when}, difference {difference:+g}{unit}"
    if change.relation is None or change.threshold is None:
        return f"{said}; whether that is more than repetition is not known"
    verdict = str(change.relation).replace("_", " ")
    return f"{said}: {verdict} (repetition alone gives up to {change.threshold:.4g}{unit})"


def _is_date(text: str) -> bool:
    """Return whether `text` is a day, YYYYMMDD: real headers hold hashes and the 31st of June."""
    if len(text) != len("YYYYMMDD") or not text.isdecimal():
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _before(measurement: Measurement, change: Change, prior: Prior) -> ContentItem:
    unit = dicom_code(measurement.unit)
    made = sr_items.number(sr_codes.PRIOR_VALUE, change.before, unit, PROPERTIES)
    if _is_date(prior.acquired):
        how = Relationship.HAS_OBS_CONTEXT
        sr_items.below(made, sr_items.date(sr_codes.ACQUISITION_DATE, prior.acquired, how))
    image = sr_items.image(sr_codes.PRIOR_IMAGE, prior.reference, Relationship.INFERRED_FROM)
    return sr_items.below(made, image)


def _difference(measurement: Measurement, change: Change) -> ContentItem:
    unit = dicom_code(measurement.unit)
    made = sr_items.number(sr_codes.DIFFERENCE, change.difference, unit, PROPERTIES)
    if change.threshold is None:
        return made
    limit = sr_items.number(sr_codes.REPEATABILITY, change.threshold, unit, PROPERTIES)
    return sr_items.below(made, limit)


def _relation(change: Change) -> Iterator[ContentItem]:
    if change.relation is not None:
        yield sr_items.coded(sr_codes.CHANGE, sr_codes.RELATIONS[change.relation], PROPERTIES)
