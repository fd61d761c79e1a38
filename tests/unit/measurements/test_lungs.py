"""Areas, heights and their ratio, on lungs that are boxes."""

import pytest

from service.domain.image import NO_SPACING
from service.measurements.registry import Subject
from tests.unit.measurements.drawing import Mask, box, subject_of, taken

RIGHT = box(20, 140, 30, 70)
LEFT = box(30, 120, 90, 130)


def lungs(right: Mask = RIGHT, left: Mask = LEFT) -> Subject:
    return subject_of({"right_lung_field": right, "left_lung_field": left})


def test_an_area_is_pixels_times_both_spacings() -> None:
    found = taken(lungs(), "lung_area_right")

    assert found.value == pytest.approx(120 * 40 * 0.5 * 0.25)
    assert found.unit.value == "mm2"
    assert found.qualifier == "pixel_spacing_calibrated"


def test_an_area_is_shown_by_its_outline() -> None:
    line = taken(lungs(), "lung_area_left").points

    assert line[0] == line[-1]
    assert set(line) == {(29.5, 89.5), (29.5, 129.5), (119.5, 129.5), (119.5, 89.5)}


def test_the_area_ratio_is_right_over_left() -> None:
    found = taken(lungs(), "lung_area_ratio")

    assert found.value == pytest.approx((120 * 40) / (90 * 40))
    assert found.drawn_with == "lung_area_right"


def test_a_height_is_rows_times_the_row_spacing() -> None:
    found = taken(lungs(), "lung_height_right")

    assert found.value == pytest.approx(120 * 0.5)
    assert found.points == ((19.5, 49.5), (139.5, 49.5))


def test_the_costophrenic_angle_does_not_make_a_lung_higher() -> None:
    with_sulcus = RIGHT | box(140, 170, 30, 38)

    assert taken(lungs(right=with_sulcus), "lung_height_right").value == pytest.approx(60)


def test_a_thread_above_the_apex_does_not_make_a_lung_higher() -> None:
    high = box(20, 140, 30, 130)
    with_thread = high | box(5, 20, 60, 61)

    assert taken(lungs(right=with_thread), "lung_height_right").value == pytest.approx(60)


def test_one_lung_is_measured_when_the_other_was_not_found() -> None:
    alone = subject_of({"right_lung_field": RIGHT})

    assert taken(alone, "lung_area_right").value is not None
    for key in ("lung_area_left", "lung_height_left", "lung_area_ratio"):
        assert taken(alone, key).reason == "left lung field was not found"


@pytest.mark.parametrize(
    "cut",
    [box(0, 90, 90, 130), box(90, 200, 90, 130), box(30, 90, 90, 160)],
    ids=["above", "below", "beside"],
)
@pytest.mark.parametrize("key", ["lung_area_left", "lung_height_left", "lung_area_ratio"])
def test_a_lung_that_the_film_cuts_off_is_not_measured(cut: Mask, key: str) -> None:
    assert taken(lungs(left=cut), key).reason == "the left lung reaches the edge of the image"


@pytest.mark.parametrize("key", ["lung_area_right", "lung_height_right"])
def test_without_spacing_there_are_no_millimetres(key: str) -> None:
    subject = subject_of({"right_lung_field": RIGHT, "left_lung_field": LEFT}, NO_SPACING)

    assert taken(subject, key).reason == "no pixel spacing is known"
    assert taken(subject, "lung_area_ratio").value is not None
