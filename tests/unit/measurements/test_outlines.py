"""Outlines as closed polygons."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from service.domain.measurement import Line
from service.measurements.outlines import LARGEST_TRACED, outline
from service.measurements.shape import largest_component, largest_shape

masks = (
    arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14))
    .filter(np.any)
    .map(largest_component)
)


def area(line: Line) -> float:
    """Return the polygon's area by the shoelace formula."""
    rows, columns = np.array(line).T
    return abs(float(rows[:-1] @ columns[1:] - rows[1:] @ columns[:-1])) / 2


@given(masks)
def test_an_outline_is_closed_and_stays_within_the_structure_s_box(mask: np.ndarray) -> None:
    line = outline(largest_shape(mask))

    assert line[0] == line[-1]
    rows, columns = np.nonzero(mask)
    points = np.array(line)
    assert (points >= (rows.min() - 0.5, columns.min() - 0.5)).all()
    assert (points <= (rows.max() + 0.5, columns.max() + 0.5)).all()


@settings(max_examples=40)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 5), st.integers(0, 5))
def test_a_box_is_outlined_by_its_corners(high: int, wide: int, top: int, left: int) -> None:
    mask = np.zeros((40, 40), np.bool_)
    mask[top : top + high, left : left + wide] = True

    line = outline(largest_shape(mask))

    assert len(line) == 5
    assert area(line) == high * wide


@pytest.mark.parametrize("size", [100, 700])
def test_an_outline_has_the_area_of_what_it_shows(size: int) -> None:
    y, x = (np.mgrid[:size, :size] + 0.5) / size - 0.5
    lung = (x**2 + (0.7 * y) ** 2 < 0.05) & (x**2 + (y - 0.5) ** 2 > 0.08)

    line = outline(largest_shape(lung))

    assert area(line) == pytest.approx(lung.sum(), rel=0.02)
    assert len(line) < LARGEST_TRACED


def test_a_hole_is_not_shown() -> None:
    mask = np.zeros((20, 20), np.bool_)
    mask[2:18, 2:18] = True
    holed = mask.copy()
    holed[8:12, 8:12] = False

    assert outline(largest_shape(holed)) == outline(largest_shape(mask))


def test_pixels_that_meet_at_a_corner_are_not_joined() -> None:
    mask = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]], dtype=np.bool_)
    assert ndimage.label(mask)[1] == 2

    assert area(outline(largest_shape(mask))) == 4
