"""Curves of a spine from the tilts of its plates."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.measurements.curves import curves

tilts = st.lists(st.floats(-60, 60), min_size=4, max_size=20)


def test_one_bow_is_one_curve() -> None:
    found = curves([10.0, 5.0, 0.0, -5.0, -10.0], 3)

    assert [(curve.first, curve.last, curve.angle) for curve in found] == [(0, 4, -20.0)]


def test_an_s_has_two_curves_and_the_larger_comes_first() -> None:
    found = curves([0.0, 6.0, 12.0, 6.0, -6.0, -18.0, -18.0], 3)

    assert [(curve.first, curve.last) for curve in found] == [(2, 5)]
    assert curves([0.0, 6.0, 9.0, 12.0, 6.0, -6.0, -18.0], 3)[1].angle == 12.0


def test_a_bend_over_two_vertebrae_is_no_curve() -> None:
    assert curves([0.0, 20.0, 40.0, 0.0], 3) == ()
    assert len(curves([0.0, 10.0, 20.0, 40.0, 0.0], 3)) == 1


def test_a_turn_of_less_than_five_degrees_ends_no_curve() -> None:
    found = curves([20.0, 10.0, 12.0, 0.0, -10.0], 3)

    assert (found[0].first, found[0].last, found[0].size) == (0, 4, 30.0)


@given(tilts)
def test_no_curve_is_larger_than_the_range_of_tilts_and_they_come_in_order(
    values: list[float],
) -> None:
    sizes = [curve.size for curve in curves(values, 3)]

    assert sizes == sorted(sizes, reverse=True)
    assert all(size <= np.ptp(values) for size in sizes)


@given(tilts, st.floats(-30, 30))
def test_turning_the_film_changes_no_curve(values: list[float], turn: float) -> None:
    whole = [round(value) for value in values]

    before = curves([float(value) for value in whole], 3)
    after = curves([float(value + round(turn)) for value in whole], 3)

    assert before == after


@given(tilts)
def test_a_mirrored_spine_bulges_to_the_other_side(values: list[float]) -> None:
    mirrored = curves([-value for value in values], 3)

    assert [-curve.angle for curve in mirrored] == [curve.angle for curve in curves(values, 3)]
