"""How far a structure reaches."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from service.domain.image import NO_SPACING
from service.errors import NotMeasurable
from service.measurements.extents import (
    horizontal_extent,
    millimetres,
    thorax_extent,
)
from service.measurements.shape import largest_component, largest_shape
from tests.unit.measurements.conftest import DrawSubject

masks = (
    arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=20))
    .filter(np.any)
    .map(largest_component)
)


@given(masks)
def test_a_width_counts_pixels_from_edge_to_edge(mask: np.ndarray) -> None:
    columns = np.flatnonzero(mask.any(axis=0))

    extent = horizontal_extent(largest_shape(mask))

    assert extent.width == columns[-1] - columns[0] + 1


@given(masks)
def test_the_horizontal_legs_of_the_line_add_up_to_the_width(mask: np.ndarray) -> None:
    extent = horizontal_extent(largest_shape(mask))
    line = extent.line()

    legs = sum(abs(b[1] - a[1]) for a, b in itertools.pairwise(line) if a[0] == b[0])

    assert legs == pytest.approx(extent.width)
    assert abs(line[-1][1] - line[0][1]) == pytest.approx(extent.width)


@given(masks)
def test_a_mirrored_mask_is_as_wide(mask: np.ndarray) -> None:
    assert (
        horizontal_extent(largest_shape(mask[:, ::-1])).width
        == horizontal_extent(largest_shape(mask)).width
    )


@given(masks, st.integers(2, 4))
def test_a_mask_on_a_finer_grid_is_wider_by_the_same_factor(mask: np.ndarray, factor: int) -> None:
    finer = mask.repeat(factor, axis=0).repeat(factor, axis=1)

    assert (
        horizontal_extent(largest_shape(finer)).width
        == factor * horizontal_extent(largest_shape(mask)).width
    )


def test_a_stray_pixel_moves_no_border() -> None:
    mask = np.zeros((20, 20), np.bool_)
    mask[5:10, 5:10] = True
    mask[0, 19] = True

    assert horizontal_extent(largest_shape(mask)).width == 5


@pytest.mark.parametrize("box", [(10, 80, 0, 45), (10, 80, 90, 120)], ids=["first", "last"])
def test_a_lung_at_the_edge_of_the_film_gives_no_thorax(
    draw_subject: DrawSubject, box: tuple[int, int, int, int]
) -> None:
    with pytest.raises(NotMeasurable, match="edge of the image"):
        thorax_extent(draw_subject(right_lung_field=box))


def test_no_spacing_means_no_millimetres() -> None:
    with pytest.raises(NotMeasurable, match="no pixel spacing"):
        millimetres(100.0, NO_SPACING)
