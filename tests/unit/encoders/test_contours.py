from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.domain.measurement import Line
from service.encoders.contours import LONGEST_SIDE, MOST_POINTS, outlines
from tests.phantoms import Ellipse

Mask = NDArray[np.bool_]


def enclosed(line: Line) -> float:
    """Return the area inside by the shoelace formula; positive when the line runs clockwise."""
    rows, columns = np.array(line).T
    return float(np.sum(columns[:-1] * rows[1:] - columns[1:] * rows[:-1]) / 2)


def rectangle(shape: tuple[int, int], rows: slice, columns: slice) -> Mask:
    mask = np.zeros(shape, dtype=bool)
    mask[rows, columns] = True
    return mask


def test_nothing_has_no_outline() -> None:
    assert outlines(np.zeros((10, 10), dtype=bool)) == ()


def test_the_outline_of_a_rectangle_runs_half_a_pixel_outside_its_pixels() -> None:
    (line,) = outlines(rectangle((100, 100), slice(20, 60), slice(30, 80)))

    points = np.array(line)

    assert line[0] == line[-1]
    assert (points.min(axis=0) == (19.5, 29.5)).all()
    assert (points.max(axis=0) == (59.5, 79.5)).all()
    assert enclosed(line) == pytest.approx(40 * 50, rel=0.01)


def test_a_mask_that_fills_the_image_has_the_image_s_border() -> None:
    (line,) = outlines(np.ones((30, 20), dtype=bool))

    points = np.array(line)

    assert (points.min(axis=0) == (-0.5, -0.5)).all()
    assert (points.max(axis=0) == (29.5, 19.5)).all()


@given(
    row=st.floats(0.35, 0.65),
    column=st.floats(0.35, 0.65),
    half_rows=st.floats(0.1, 0.3),
    half_columns=st.floats(0.1, 0.3),
)
def test_the_outline_of_an_ellipse_encloses_its_area(
    row: float, column: float, half_rows: float, half_columns: float
) -> None:
    rows, columns = 300, 200

    (line,) = outlines(Ellipse(row, column, half_rows, half_columns).mask(rows, columns))

    area = pi * half_rows * rows * half_columns * columns
    assert enclosed(line) == pytest.approx(area, rel=0.02)


def test_parts_have_lines_of_their_own_and_specks_have_none() -> None:
    shape = (200, 200)
    large, small = slice(10, 100), slice(150, 190)
    mask = rectangle(shape, large, large) | rectangle(shape, small, small)
    mask[120, 120] = True

    areas = [enclosed(line) for line in outlines(mask)]

    assert areas == pytest.approx([90 * 90, 40 * 40], rel=0.01)


def test_a_hole_is_followed_the_other_way_round() -> None:
    mask = rectangle((100, 100), slice(10, 90), slice(10, 90))
    mask[40:60, 30:70] = False

    around, inside = outlines(mask)

    assert enclosed(around) == pytest.approx(80 * 80, rel=0.01)
    assert enclosed(inside) == pytest.approx(-20 * 40, rel=0.02)


def test_pixels_that_touch_at_a_corner_are_followed_to_the_end() -> None:
    mask = np.zeros((60, 60), dtype=bool)
    mask[10:30, 10:30] = mask[30:50, 30:50] = True

    assert sum(enclosed(line) for line in outlines(mask)) == pytest.approx(2 * 20 * 20, rel=0.03)


def test_a_large_mask_has_few_points_near_its_border() -> None:
    side = 2 * LONGEST_SIDE
    shape = Ellipse(0.5, 0.5, 0.4, 0.3)

    (line,) = outlines(shape.mask(side, side))

    rows, columns = np.array(line).T
    down = ((rows + 0.5) / side - shape.row) / shape.half_rows
    across = ((columns + 0.5) / side - shape.column) / shape.half_columns
    distance = np.abs(np.sqrt(down**2 + across**2) - 1) * 0.4 * side
    assert len(line) <= MOST_POINTS + 1
    assert distance.max() < 4  # pixels of 3000
