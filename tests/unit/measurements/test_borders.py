"""Borders row by row."""

import numpy as np
import pytest

from service.errors import NotMeasurable
from service.measurements.borders import borders
from service.measurements.shape import largest_shape
from tests.unit.measurements.drawing import box


def test_borders_are_the_outer_pixel_edges() -> None:
    found = borders(largest_shape(box(10, 20, 5, 9)))

    assert found.rows.tolist() == list(range(10, 20))
    assert set(found.low) == {4.5}
    assert set(found.high) == {8.5}
    assert set(found.widths) == {4.0}
    assert set(found.centres) == {6.5}


def test_a_thread_of_pixels_is_no_border() -> None:
    spiked = box(0, 200, 50, 60) | box(100, 101, 10, 150)

    found = borders(largest_shape(spiked))

    assert set(found.widths) == {10.0}


def test_a_side_is_the_image_s() -> None:
    found = borders(largest_shape(box(10, 20, 5, 9)))

    assert found.side(-1)[0] == 4.5
    assert found.side(1)[0] == 8.5


def test_inner_rows_leave_fractions_of_the_height_out() -> None:
    found = borders(largest_shape(box(100, 200, 5, 9))).inner(0.25, 0.1)

    assert (found.rows[0], found.rows[-1]) == (125, 189)


def test_rows_that_are_not_there_cannot_be_measured() -> None:
    with pytest.raises(NotMeasurable, match="does not reach the level"):
        borders(largest_shape(box(10, 20, 5, 9))).between(30, 40)


def test_one_row_has_inner_rows_too() -> None:
    found = borders(largest_shape(box(10, 11, 5, 9))).inner(0.4, 0.4)

    assert np.array_equal(found.rows, [10])
