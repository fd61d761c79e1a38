"""Mediastinum, aortic knob and descending aorta, on structures that are boxes."""

import math

import numpy as np
import pytest

from service.domain.image import NO_SPACING
from service.measurements.registry import Subject
from tests.unit.measurements.drawing import Mask, box, mirrored_film, subject_of, taken

# The aorta begins in row 60, the trachea ends in row 100: without the arch, rows 60 to 83 are its
# level (60 + 0.6 x 39). There the mediastinum is 60 columns wide, the chest 120.
CHEST = {
    "right_lung_field": box(20, 160, 20, 50),
    "left_lung_field": box(20, 160, 110, 140),
    "cardiomediastinum": box(20, 90, 50, 110) | box(90, 160, 35, 125),
    "aorta": box(60, 150, 78, 108),
    "trachea": box(20, 101, 72, 84),
}


def without(*keys: str) -> Subject:
    return subject_of({key: mask for key, mask in CHEST.items() if key not in keys})


def test_the_mediastinum_is_measured_at_the_level_of_the_arch_alone() -> None:
    found = taken(subject_of(CHEST), "upper_mediastinal_width")

    assert found.value == pytest.approx(60 * 0.25)
    assert 60 <= found.points[0][0] <= 83
    assert found.segments == ("cardiomediastinum", "aorta", "trachea")


def test_the_model_s_own_upper_mediastinum_and_arch_come_first() -> None:
    finer = {"upper_mediastinum": box(20, 80, 55, 105), "aortic_arch": box(62, 75, 84, 108)}

    found = taken(subject_of(CHEST | finer), "upper_mediastinal_width")

    assert found.value == pytest.approx(50 * 0.25)
    assert found.segments == ("upper_mediastinum", "aortic_arch")


def test_the_ratio_divides_by_the_chest_on_the_same_row() -> None:
    found = taken(subject_of(CHEST), "mediastinum_chest_ratio")

    assert found.value == pytest.approx(60 / 120)
    (chest,) = found.aids
    assert {row for row, _ in (*found.points, *chest)} == {found.points[0][0]}


def test_a_lung_at_the_edge_gives_a_width_and_no_ratio() -> None:
    cut = subject_of(CHEST | {"right_lung_field": box(20, 160, 0, 50)})

    assert taken(cut, "upper_mediastinal_width").value == pytest.approx(15)
    ratio = taken(cut, "mediastinum_chest_ratio")
    assert ratio.reason == "a lung reaches the edge of the image"


def test_the_knob_reaches_from_the_trachea_to_the_outermost_aorta() -> None:
    found = taken(subject_of(CHEST), "aortic_knob_width")

    assert found.value == pytest.approx((108 - 84) * 0.25)
    assert found.points[0][1] == pytest.approx(83.5)
    assert found.points[1][1] == pytest.approx(107.5)


def test_what_lies_below_the_arch_s_level_is_no_knob() -> None:
    bulging = CHEST["aorta"] | box(86, 150, 78, 118)

    found = taken(subject_of(CHEST | {"aorta": bulging}), "aortic_knob_width")

    assert found.value == pytest.approx((108 - 84) * 0.25)


def test_the_knob_in_tracheal_widths_needs_no_spacing() -> None:
    found = taken(subject_of(CHEST, NO_SPACING), "aortic_knob_ratio")

    assert found.value == pytest.approx((108 - 84) / (84 - 72))
    width = taken(subject_of(CHEST, NO_SPACING), "aortic_knob_width")
    assert width.reason == "no pixel spacing is known"


def test_the_knob_is_at_the_patient_s_left_on_a_mirrored_film_too() -> None:
    found = taken(mirrored_film(subject_of(CHEST)), "aortic_knob_width")

    assert found.value == pytest.approx((108 - 84) * 0.25)


def test_the_lungs_tell_the_sides_when_nothing_else_does() -> None:
    silent = subject_of(CHEST, left_on_right=None)

    assert taken(silent, "aortic_knob_width").value == pytest.approx(6)
    assert taken(mirrored_film(silent), "aortic_knob_width").value == pytest.approx(6)


def test_a_right_sided_arch_has_no_knob_at_the_left() -> None:
    arch = {"aorta": box(60, 150, 50, 80)}

    found = taken(subject_of(CHEST | arch), "aortic_knob_width")

    assert found.reason == "the aortic arch does not stand out to the left of the trachea"


def test_an_aorta_below_the_carina_shows_no_level() -> None:
    low = {"aorta": box(99, 150, 78, 108)}

    found = taken(subject_of(CHEST | low), "upper_mediastinal_width")

    assert found.reason == "the aorta does not reach above the division of the trachea"


@pytest.mark.parametrize(
    ("missing", "key"),
    [
        ("aorta", "aortic_knob_width"),
        ("trachea", "aortic_knob_ratio"),
        ("cardiomediastinum", "upper_mediastinal_width"),
        ("left_lung_field", "mediastinum_chest_ratio"),
        ("descending_aorta", "descending_aorta_width"),
    ],
)
def test_what_was_not_found_is_named(missing: str, key: str) -> None:
    assert taken(without(missing), key).reason == f"{missing.replace('_', ' ')} was not found"


def slanted(slope: float) -> Mask:
    """Return a vessel 24 columns wide along each row, its middle moving by `slope` a row."""
    rows, columns = np.mgrid[:200, :160]
    return (np.abs(columns - 80 - slope * (rows - 100)) < 12) & (rows >= 60) & (rows < 160)


def test_a_vessel_that_runs_straight_down_is_as_wide_as_its_rows() -> None:
    found = taken(subject_of({"descending_aorta": slanted(0)}), "descending_aorta_width")

    assert found.value == pytest.approx(23 * 0.25)


@pytest.mark.parametrize("slope", [-0.5, 0.25, 0.5])
def test_a_slanting_vessel_is_narrower_than_its_rows(slope: float) -> None:
    found = taken(subject_of({"descending_aorta": slanted(slope)}), "descending_aorta_width")

    # A row is 0.5 mm and a column 0.25 mm: the slant in the patient is half of that in pixels.
    across = math.cos(math.atan(slope * 0.25 / 0.5))
    assert found.value == pytest.approx(23.5 * 0.25 * across, rel=0.03)
    (first_row, first), (last_row, last) = found.points
    drawn = math.hypot((last - first) * 0.25, (last_row - first_row) * 0.5)
    assert drawn == pytest.approx(found.value)


def test_the_widest_section_counts() -> None:
    wider = slanted(0) | box(100, 120, 60, 100)

    found = taken(subject_of({"descending_aorta": wider}), "descending_aorta_width")

    assert found.value is not None
    assert 23 * 0.25 < found.value <= 40 * 0.25
    assert 100 <= found.points[0][0] < 120


def test_below_the_heart_nothing_is_measured() -> None:
    wider = slanted(0) | box(140, 160, 60, 100)
    masks = {"descending_aorta": wider, "heart": box(80, 135, 50, 120)}

    found = taken(subject_of(masks), "descending_aorta_width")

    assert found.value == pytest.approx(23 * 0.25)


def test_a_stump_is_no_descending_aorta() -> None:
    found = taken(subject_of({"descending_aorta": box(60, 75, 70, 90)}), "descending_aorta_width")

    assert found.reason == "too little of the descending aorta is seen"
