"""A heart's body, and the vessel that hangs on to it."""

import numpy as np
import pytest

from service.measurements.protrusions import body_columns
from service.measurements.shape import largest_shape
from tests.unit.measurements.drawing import Mask, box


def ellipse(half_rows: float, half_columns: float) -> Mask:
    rows, columns = np.mgrid[:200, :160]
    inside: Mask = ((rows - 100) / half_rows) ** 2 + ((columns - 80) / half_columns) ** 2 <= 1
    return inside


@pytest.mark.parametrize("mask", [ellipse(40, 50), ellipse(60, 40), box(60, 140, 30, 130)])
def test_a_rounded_or_cornered_heart_stays_whole(mask: Mask) -> None:
    shape = largest_shape(mask)

    assert body_columns(shape) == (0, shape.mask.shape[1] - 1)


def test_a_vessel_is_cut_off_near_the_body() -> None:
    shape = largest_shape(ellipse(50, 40) | box(95, 103, 5, 80))

    first, last = body_columns(shape)

    # The body begins 35 columns further; a blunt corner of 0.5 radii (4 columns) may stay.
    assert 35 - 6 <= first <= 35
    assert last == shape.mask.shape[1] - 1


def test_a_structure_thinner_than_the_disc_stays_whole() -> None:
    thread = largest_shape(box(50, 150, 80, 81))

    assert body_columns(thread) == (0, 0)
