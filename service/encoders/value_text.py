"""Values as people read them: with their unit, interval, normal range and change."""

from service.domain.measurement import Measurement, NormalRange
from service.domain.prior import Change, Relation

_RELATIONS = {
    Relation.LARGER: "larger",
    Relation.SMALLER: "smaller",
    Relation.NO_CHANGE: "no change",
    None: "not judged",
}
_UNITS = {"deg": "°", "mm2": "cm²", "cm2": "cm²", "1": "", "%": "%"}
_MM2_IN_A_CM2 = 100


def unit_text(unit: str) -> str:
    """Return a UCUM unit as people write it; what stands in braces is none, areas are in cm²."""
    return "" if unit.startswith("{") else _UNITS.get(unit, unit)


def number_text(value: float, unit: str) -> str:
    """Return `value` with as many digits as its unit can bear, without the unit."""
    if unit in {"{ratio}", "1"}:
        return f"{value:.2f}"
    if unit == "mm2":
        return f"{value / _MM2_IN_A_CM2:.0f}"
    return f"{value:.0f}"


def value_text(value: float, unit: str) -> str:
    """Return `value` with its unit: `0.46`, `131 mm`, `62°`."""
    written = unit_text(unit)
    gap = "" if written in {"", "°", "%"} else " "
    return f"{number_text(value, unit)}{gap}{written}"


def short_text(measurement: Measurement) -> str:
    """Return name and value: what stands beside a line."""
    if measurement.value is None:
        return measurement.name
    return f"{measurement.name} {value_text(measurement.value, measurement.unit.value)}"


def interval_text(measurement: Measurement) -> str:
    """Return within which values repeated measurements fall, empty when that is not known."""
    if measurement.interval is None:
        return ""
    low, high = (number_text(end, measurement.unit.value) for end in measurement.interval)
    return f"{low} to {high}"


def normal_text(normal: NormalRange | None, unit: str) -> str:
    """Return the normal range, empty when none holds for this view."""
    if normal is None or (normal.low is None and normal.high is None):
        return ""
    if normal.low is None:
        return f"up to {number_text(normal.high or 0.0, unit)}"
    if normal.high is None:
        return f"from {number_text(normal.low, unit)}"
    return f"{number_text(normal.low, unit)} to {number_text(normal.high, unit)}"


def change_text(change: Change | None, unit: str) -> str:
    """Return the prior value, the difference, and what it means: `0.43, +0.03, no change`."""
    if change is None:
        return ""
    sign = "+" if change.difference >= 0 else "-"
    difference = f"{sign}{number_text(abs(change.difference), unit)}"
    return f"{number_text(change.before, unit)}, {difference}, {_RELATIONS[change.relation]}"
