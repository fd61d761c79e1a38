"""What changed since the prior film: differences, judged by how repeatable both values are."""

import math

from service.domain.image import SpacingProvenance
from service.domain.measurement import Measurement
from service.domain.prior import Change, Prior, Relation

_PIXELS = frozenset({"px", "px2", "{pixels}"})
_LENGTHS = frozenset({"mm", "cm", "m", "mm2", "cm2", "m2", "mm3", "cm3"})
# Lengths in the patient can be compared with each other, lengths on the detector only with such:
# between them lies the magnification. What nobody vouches for is compared with nothing.
_PLANES = {
    SpacingProvenance.CALIBRATED: "patient",
    SpacingProvenance.MAGNIFICATION_CORRECTED: "patient",
    SpacingProvenance.DETECTOR_PLANE: "detector",
}


def changes_since(
    prior: Prior, measurements: tuple[Measurement, ...], spacing: SpacingProvenance
) -> tuple[Change, ...]:
    """Return the change of each measurement that both films have, in the order of `measurements`.

    spacing: where this film's millimetres come from. Lengths and areas are left out unless both
    films measure in the same plane; pixels always are, since another detector has others.
    """
    before = {each.key: each for each in prior.measurements}
    can_compare_lengths = is_comparable(prior.spacing, spacing)
    return tuple(
        change_of(before[now.key], now)
        for now in measurements
        if now.key in before
        and _is_comparable_unit(before[now.key], now, can_compare_lengths=can_compare_lengths)
        and before[now.key].value is not None
        and now.value is not None
    )


def is_comparable(before: SpacingProvenance, now: SpacingProvenance) -> bool:
    """Return whether millimetres of these two sources mean lengths in the same plane."""
    return before in _PLANES and _PLANES.get(before) == _PLANES.get(now)


def change_of(before: Measurement, now: Measurement) -> Change:
    """Return the change of one measurement; both have a value, in the same unit.

    The threshold is the half-width of the interval of a difference of two independent values:
    sqrt(h1^2 + h2^2) of the half-widths h of both repeatability intervals.
    """
    if before.value is None or now.value is None:
        raise ValueError("there is no value to compare")
    difference = now.value - before.value
    threshold = _threshold(before, now)
    relation = None if threshold is None else relation_of(difference, threshold)
    return Change(now.key, before.value, now.value, difference, threshold, relation)


def relation_of(difference: float, threshold: float) -> Relation:
    """Return what a difference says; one that is no more than the threshold says no change."""
    if abs(difference) <= threshold:
        return Relation.NO_CHANGE
    return Relation.LARGER if difference > 0 else Relation.SMALLER


def _threshold(before: Measurement, now: Measurement) -> float | None:
    if before.interval is None or now.interval is None:
        return None
    return math.hypot(_half_width(before.interval), _half_width(now.interval))


def _half_width(interval: tuple[float, float]) -> float:
    return (interval[1] - interval[0]) / 2


def _is_comparable_unit(
    before: Measurement, now: Measurement, *, can_compare_lengths: bool
) -> bool:
    unit = now.unit.value
    if before.unit.value != unit or unit in _PIXELS:
        return False
    return unit not in _LENGTHS or can_compare_lengths
