import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.image import SpacingProvenance, ViewPosition
from service.domain.measurement import Measurement, MeasurementStatus
from service.domain.prior import Prior, Relation
from service.domain.segmentation import Code
from service.measurements.change import change_of, changes_since, is_comparable
from tests.phantoms import MODEL, REFERENCE

RATIO, MILLIMETRE, PIXEL = (Code(unit, "UCUM", unit) for unit in ("{ratio}", "mm", "px"))
CALIBRATED = SpacingProvenance.CALIBRATED
VALUES = st.floats(-1e4, 1e4)
HALF_WIDTHS = st.floats(0, 1e3)


def measured(
    value: float | None, half_width: float | None = None, *, key: str = "k", unit: Code = RATIO
) -> Measurement:
    status = MeasurementStatus.MEASURED if value is not None else MeasurementStatus.NOT_MEASURED
    known = half_width is not None and value is not None
    interval = (value - half_width, value + half_width) if known else None  # type: ignore[operator]
    code = Code("1", "99TEST", "test")
    return Measurement(key, key, code, unit, code, (), status, value, interval=interval)


def prior(*measurements: Measurement, spacing: SpacingProvenance = CALIBRATED) -> Prior:
    view = ViewPosition.POSTERO_ANTERIOR
    return Prior(REFERENCE, "20250101", view, "database", MODEL, measurements, spacing)


@given(VALUES, VALUES)
def test_the_difference_is_now_minus_before(before: float, now: float) -> None:
    change = change_of(measured(before), measured(now))

    assert (change.before, change.now, change.difference) == (before, now, now - before)


@given(VALUES, VALUES, HALF_WIDTHS)
def test_nothing_is_claimed_when_either_repeatability_is_unknown(
    before: float, now: float, half_width: float
) -> None:
    for pair in ((None, half_width), (half_width, None), (None, None)):
        change = change_of(measured(before, pair[0]), measured(now, pair[1]))
        assert (change.threshold, change.relation) == (None, None)


def test_the_threshold_is_that_of_a_difference_of_two_independent_values() -> None:
    change = change_of(measured(10.0, 3.0), measured(12.0, 4.0))

    assert change.threshold == pytest.approx(math.sqrt(3**2 + 4**2))
    assert change.relation is Relation.NO_CHANGE


@pytest.mark.parametrize(
    ("now", "relation"),
    [(15.5, Relation.LARGER), (4.5, Relation.SMALLER), (14.5, Relation.NO_CHANGE)],
)
def test_more_than_repeatability_is_a_change(now: float, relation: Relation) -> None:
    change = change_of(measured(10.0, 3.0), measured(now, 4.0))  # threshold 5

    assert change.relation is relation


@given(VALUES, VALUES, HALF_WIDTHS, HALF_WIDTHS)
def test_the_way_back_is_the_opposite(before: float, now: float, one: float, other: float) -> None:
    there = change_of(measured(before, one), measured(now, other))
    back = change_of(measured(now, other), measured(before, one))

    opposite = {
        Relation.LARGER: Relation.SMALLER,
        Relation.SMALLER: Relation.LARGER,
        Relation.NO_CHANGE: Relation.NO_CHANGE,
    }
    assert there.relation is not None
    assert back.relation is opposite[there.relation]
    assert back.difference == -there.difference
    assert back.threshold == there.threshold


@given(VALUES, HALF_WIDTHS, HALF_WIDTHS)
def test_the_same_value_is_no_change(value: float, one: float, other: float) -> None:
    assert change_of(measured(value, one), measured(value, other)).relation is Relation.NO_CHANGE


@given(VALUES, VALUES, HALF_WIDTHS, st.floats(1, 100))
def test_what_is_no_change_stays_so_when_values_repeat_worse(
    before: float, now: float, half_width: float, factor: float
) -> None:
    exact = change_of(measured(before, half_width), measured(now, half_width))
    loose = change_of(measured(before, half_width * factor), measured(now, half_width * factor))

    if exact.relation is Relation.NO_CHANGE and exact.threshold != loose.threshold:
        assert loose.relation is Relation.NO_CHANGE


def test_only_what_both_films_have_is_compared_in_the_order_of_now() -> None:
    earlier = prior(measured(1.0, key="a"), measured(2.0, key="b"), measured(3.0, key="c"))
    now = (measured(5.0, key="c"), measured(4.0, key="d"), measured(None, key="b"),
           measured(6.0, key="a"))  # fmt: skip

    assert [each.key for each in changes_since(earlier, now, CALIBRATED)] == ["c", "a"]


@pytest.mark.parametrize(
    ("before", "now", "comparable"),
    [
        (CALIBRATED, CALIBRATED, True),
        (CALIBRATED, SpacingProvenance.MAGNIFICATION_CORRECTED, True),
        (SpacingProvenance.DETECTOR_PLANE, SpacingProvenance.DETECTOR_PLANE, True),
        (CALIBRATED, SpacingProvenance.DETECTOR_PLANE, False),
        (SpacingProvenance.PIXEL_SPACING_UNSTATED, SpacingProvenance.PIXEL_SPACING_UNSTATED, False),
        (SpacingProvenance.CALLER, SpacingProvenance.CALLER, False),
        (SpacingProvenance.NONE, SpacingProvenance.NONE, False),
    ],
)
def test_lengths_compare_within_one_plane_only(
    before: SpacingProvenance, now: SpacingProvenance, *, comparable: bool
) -> None:
    length, ratio = measured(1.0, key="width", unit=MILLIMETRE), measured(1.0, key="ratio")

    changes = changes_since(prior(length, ratio, spacing=before), (length, ratio), now)

    assert is_comparable(before, now) is comparable
    assert [each.key for each in changes] == (["width", "ratio"] if comparable else ["ratio"])


def test_pixels_and_other_units_are_never_compared() -> None:
    pixels, ratio = measured(1.0, key="p", unit=PIXEL), measured(1.0, key="r")
    other_unit = replace(ratio, unit=MILLIMETRE)

    assert changes_since(prior(pixels, other_unit), (pixels, ratio), CALIBRATED) == ()


def test_a_change_needs_two_values() -> None:
    with pytest.raises(ValueError, match="no value"):
        change_of(measured(None), measured(1.0))
