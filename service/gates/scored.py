"""A score held against a limit, as a quality check."""

from service.domain.gate import Gate
from service.domain.measurement import CheckStatus, QualityCheck

_DIGITS = 4


def passed(
    gate: Gate, score: float | str | None = None, limit: float | None = None
) -> QualityCheck:
    """Return the check of a picture that is as it should be."""
    return QualityCheck(gate.value, CheckStatus.PASSED, _short(score), limit)


def warning(
    gate: Gate, reason: str, score: float | str | None = None, limit: float | None = None
) -> QualityCheck:
    """Return a check that is said in the report."""
    return QualityCheck(gate.value, CheckStatus.WARNING, _short(score), limit, reason)


def failed(gate: Gate, reason: str, score: float, limit: float) -> QualityCheck:
    """Return a check that stops what depends on it."""
    return QualityCheck(gate.value, CheckStatus.FAILED, _short(score), limit, reason)


def _short(score: float | str | None) -> float | str | None:
    return round(score, _DIGITS) if isinstance(score, float) else score
