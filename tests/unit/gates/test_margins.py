"""Which lungs the gates of the field look at."""

import pytest

from service.domain.gate import Gate
from service.domain.image import ViewPosition
from service.gates.margins import lungs
from service.gates.storing import Storing
from tests.unit.gates.conftest import Seen, Told, box, drawn, status_of, storing

LUNG = box(slice(10, 80), slice(20, 40))
OTHER = box(slice(12, 70), slice(60, 80))


def test_the_field_is_taken_before_the_whole_lung(told: Told) -> None:
    found = lungs(told(segmentation=drawn({"right_lung": OTHER, "right_lung_field": LUNG})))

    assert [shape.top for shape in found] == [10]


def test_the_whole_lung_stands_in_for_a_field_that_the_model_lacks(told: Told) -> None:
    found = lungs(told(segmentation=drawn({"right_lung": LUNG, "left_lung_field": OTHER})))

    assert [shape.top for shape in found] == [10, 12]


@pytest.mark.parametrize("wrong", [storing(inverted=1), storing(turned=1), storing(view=1)])
def test_masks_of_a_misread_picture_are_not_asked(told: Told, wrong: Storing) -> None:
    assert lungs(told(storing=wrong)) == ()
    assert status_of(Gate.FIELD_SIDES, told(storing=wrong)) is None


def test_a_lateral_has_no_sides(told: Told, seen: Seen) -> None:
    assert lungs(told(image=seen(ViewPosition.LATERAL), storing=storing(view=1))) == ()
