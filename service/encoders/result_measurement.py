"""One measurement, and one quality check, as result.json gives them."""

from service.domain.measurement import Line, Measurement, QualityCheck
from service.domain.prior import Change
from service.domain.segmentation import Code
from service.encoders.files import Json

_DECIMALS = 4


def measurement_json(measurement: Measurement, change: Change | None) -> Json:
    """Return the value or the reason why there is none, with all that is known of it."""
    return {
        "key": measurement.key,
        "name": measurement.name,
        "code": code_json(measurement.code),
        "finding_site": code_json(measurement.finding_site),
        "status": str(measurement.status),
        "value": rounded(measurement.value),
        "unit": measurement.unit.value,
        "interval": _interval(measurement),
        "normal": _normal(measurement),
        "change": change_json(change) if change else None,
        "reason": measurement.reason,
        "qualifier": measurement.qualifier,
        "gates": [str(gate) for gate in measurement.gates],
        "segments": list(measurement.segments),
        "drawn_with": measurement.drawn_with,
        "points": _line(measurement.points),
        "aids": [_line(aid) for aid in measurement.aids],
    }


def check_json(check: QualityCheck) -> Json:
    """Return how one gate came out, its score, and what it was held against."""
    return {
        "check": str(check.check),
        "status": str(check.status),
        "value": check.value if isinstance(check.value, str) else rounded(check.value),
        "threshold": rounded(check.threshold),
        "reason": check.reason,
    }


def change_json(change: Change) -> Json:
    """Return what changed since the prior image."""
    return {
        "before": rounded(change.before),
        "now": rounded(change.now),
        "difference": rounded(change.difference),
        "threshold": rounded(change.threshold),
        "relation": str(change.relation) if change.relation else None,
    }


def code_json(code: Code) -> Json:
    """Return a coded concept."""
    return {"value": code.value, "scheme": code.scheme, "meaning": code.meaning}


def rounded(value: float | None) -> float | None:
    """Return the value to four decimals: more would be noise."""
    return None if value is None else round(float(value), _DECIMALS)


def _interval(measurement: Measurement) -> list[float | None] | None:
    if measurement.interval is None:
        return None
    return [rounded(end) for end in measurement.interval]


def _normal(measurement: Measurement) -> Json | None:
    normal = measurement.normal
    if normal is None:
        return None
    value = measurement.value
    return {
        "low": rounded(normal.low),
        "high": rounded(normal.high),
        "position": None if value is None else normal.position(value),
        "population": normal.population,
        "source": normal.source,
        "views": [str(view) for view in normal.views],
    }


def _line(line: Line) -> list[list[float | None]]:
    return [[rounded(row), rounded(column)] for row, column in line]
