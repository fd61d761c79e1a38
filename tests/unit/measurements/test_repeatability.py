"""How sure a value is: the interval of its repetitions."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import measurements
from service.domain.image import NO_SPACING, PixelSpacing, SpacingProvenance
from service.domain.measurement import Measurement, MeasurementStatus
from service.measurements import codes
from service.measurements.repeatability import (
    half_width,
    repeated_segments,
    spacing_on,
    with_intervals,
)
from service.plugins import load

T_OF_EIGHT = 2.306
"""Student's t for 95 % and eight values around a known one (any table)."""


def measurement(value: float | None, key: str = "width") -> Measurement:
    status = MeasurementStatus.NOT_MEASURED if value is None else MeasurementStatus.MEASURED
    return Measurement(
        key, key, codes.WIDTH, codes.MILLIMETRE, codes.HEART, ("heart",), status, value
    )


def test_the_interval_is_the_spread_around_the_value_times_student_s_t() -> None:
    repeats = [(measurement(100.0 + change),) for change in (-3, -1, 1, 3, -3, -1, 1, 3)]
    spread = math.sqrt((9 + 1 + 1 + 9) / 4)

    (found,) = with_intervals((measurement(100.0),), repeats)

    assert found.interval == pytest.approx(
        (100 - T_OF_EIGHT * spread, 100 + T_OF_EIGHT * spread), rel=5e-3
    )


def test_repetitions_that_all_lie_on_one_side_are_unsure_too() -> None:
    assert half_width([102.0] * 8, 100.0) == pytest.approx(T_OF_EIGHT * 2, rel=5e-3)


@given(st.floats(-1e3, 1e3), st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=12))
def test_an_interval_grows_with_the_unit(value: float, values: list[float]) -> None:
    tenfold = half_width([10 * each for each in values], 10 * value)

    assert tenfold == pytest.approx(10 * half_width(values, value), rel=0.01, abs=1e-6)


def test_what_was_not_measured_has_no_interval() -> None:
    refused = replace(measurement(None), reason="the heart was not found")

    assert with_intervals((refused,), [(measurement(1.0),)] * 8) == (refused,)


def test_a_film_on_which_nothing_was_measured_is_not_repeated() -> None:
    refused = replace(measurement(None), reason="the film is turned")
    untouched = iter([(measurement(1.0),)])

    with_intervals((refused,), untouched)

    assert len(list(untouched)) == 1


def test_too_few_repetitions_give_no_interval() -> None:
    few = [(measurement(99.0),)] * 3 + [(measurement(None),)] * 5

    (found,) = with_intervals((measurement(100.0),), few)

    assert found.interval is None


def test_each_measurement_has_its_own_repetitions() -> None:
    repeats = [(measurement(10.0, "a"), measurement(20.0, "b"))] * 8

    found = with_intervals((measurement(10.0, "a"), measurement(21.0, "b")), repeats)

    assert found[0].interval == (10.0, 10.0)
    assert found[1].interval == pytest.approx((21 - T_OF_EIGHT, 21 + T_OF_EIGHT), rel=5e-3)


def test_repetitions_need_what_values_were_taken_from_and_what_definitions_name() -> None:
    special = replace(measurement(1.0), segments=("a_later_model_s_own",))
    refused = replace(measurement(None), segments=("nothing_was_taken_from_it",))

    load(measurements)
    wanted = repeated_segments((special, refused))

    assert {"a_later_model_s_own", "heart", "right_lung_field"} <= wanted
    assert "nothing_was_taken_from_it" not in wanted


def test_a_coarser_grid_has_larger_pixels_of_the_same_source() -> None:
    fine = PixelSpacing(0.1, 0.2, SpacingProvenance.CALIBRATED)

    assert spacing_on(fine, 4.0, 5.0) == PixelSpacing(0.4, 1.0, SpacingProvenance.CALIBRATED)
    assert spacing_on(NO_SPACING, 4.0, 5.0) == NO_SPACING
