"""Diaphragm, costophrenic angles, clavicles, scapulae, ribs and the straightness of the spine."""

import numpy as np
import pytest

from service.domain.gate import Gate
from service.domain.image import NO_SPACING
from service.domain.measurement import CheckStatus, QualityCheck
from service.measurements.registry import Subject, measure_all
from tests.golden import golden_frontal
from tests.unit.measurements.drawing import (
    COLUMNS,
    ROWS,
    SPACING,
    Mask,
    box,
    enlarged,
    mirrored_film,
    mirrored_patient,
    moved,
    subject_of,
    taken,
    values,
)

KEYS = (
    "clavicle_rotation_ratio",
    "costophrenic_angle_left",
    "costophrenic_angle_right",
    "diaphragm_height_difference",
    "inspiration_level",
    "scapula_overlap_left",
    "scapula_overlap_right",
    "spine_centre_deviation",
)
ROW, COLUMN = np.indices((ROWS, COLUMNS), dtype=float)
RIGHT_DOME, LEFT_DOME = 130.0, 142.0


def dome(middle: float, top: float) -> Mask:
    """What lies below a parabola that is highest in column `middle`, 25 columns to either side."""
    curve = top + 0.02 * (COLUMN - middle) ** 2
    return (curve <= ROW + 0.5) & (np.abs(COLUMN - middle) <= 30) & (ROW < 190)


def chest() -> dict[str, Mask]:
    """Two lungs over domes, scapulae half on them, clavicles, vertebrae T1 to T10 and ribs."""
    right_dome, left_dome = dome(45, RIGHT_DOME), dome(115, LEFT_DOME)
    masks = {
        "right_hemidiaphragm": right_dome,
        "left_hemidiaphragm": left_dome,
        "right_lung_field": box(30, 160, 20, 70) & ~right_dome,
        "left_lung_field": box(30, 165, 90, 140) & ~left_dome,
        "scapula_right": box(40, 80, 10, 30),
        "scapula_left": box(40, 80, 135, 155),
        "clavicle_right": box(34, 38, 30, 70),
        "clavicle_left": box(34, 38, 85, 125),
    }
    for number in range(1, 11):
        masks[f"vertebra_t{number}"] = box(12 * number, 12 * number + 10, 70, 86)
    for number in range(1, 13):
        key = f"posterior_rib_{number}_right" if number < 12 else "rib_12_right"
        masks[key] = box(19 + 12 * number, 23 + 12 * number, 30, 68)
    return masks


def test_the_right_dome_is_higher_by_the_drawn_rows() -> None:
    found = taken(subject_of(chest()), "diaphragm_height_difference")

    # Over a tenth of 50 columns, 2.5 to either side, the parabola is lower by a twentieth of a row.
    assert found.value == pytest.approx((LEFT_DOME - RIGHT_DOME) * 0.5, abs=0.3)
    across, down = found.points[1], found.points[2]
    assert (down[0] - across[0]) * 0.5 == pytest.approx(found.value)


def test_a_diaphragm_that_the_lung_does_not_reach_is_refused() -> None:
    masks = chest()
    masks["left_lung_field"] = box(30, 100, 90, 140)

    found = taken(subject_of(masks), "diaphragm_height_difference")

    assert found.reason == "lung and diaphragm of the left side do not meet"


def test_a_dome_beside_the_lung_is_refused() -> None:
    masks = chest()
    masks["left_hemidiaphragm"] = box(140, 190, 128, 158)
    masks["left_lung_field"] = box(30, 140, 90, 140)

    found = taken(subject_of(masks), "diaphragm_height_difference")

    assert found.reason == "the left hemidiaphragm is not seen below the lung"


@pytest.mark.parametrize("rise", [0.3, 0.6, 1.0, 1.7])
def test_a_costophrenic_angle_is_that_between_wall_and_floor(rise: float) -> None:
    # The floor rises by `rise` rows of 0.5 mm per column of 0.25 mm, away from the wall.
    masks = chest()
    floor = 165 - rise * (COLUMN - 20)
    masks["right_lung_field"] = box(30, 170, 20, 70) & (floor >= ROW)
    expected = np.degrees(np.arctan2(1.0, rise * SPACING.aspect))

    found = taken(subject_of(masks), "costophrenic_angle_right")

    assert found.value == pytest.approx(expected, abs=3.0)
    wall, tip, end = found.points
    assert tip == pytest.approx((165.0, 19.5), abs=1.5)
    assert wall[0] < tip[0]
    assert end[1] > tip[1]


def test_a_ragged_corner_is_no_angle() -> None:
    masks = chest()
    ragged = box(30, 160, 20, 70)
    ragged[140:150, 20:32] = False
    masks["right_lung_field"] = ragged

    assert taken(subject_of(masks), "costophrenic_angle_right").reason == (
        "chest wall and diaphragm do not meet in two straight borders"
    )


def test_scapula_overlap_is_the_share_of_drawn_pixels() -> None:
    found = values(subject_of(chest()))

    assert found["scapula_overlap_right"] == pytest.approx(10 / 20)
    assert found["scapula_overlap_left"] == pytest.approx(5 / 20)


def test_a_scrap_of_a_scapula_is_none() -> None:
    masks = chest()
    masks["scapula_left"] = box(40, 48, 135, 145)

    assert taken(subject_of(masks), "scapula_overlap_left").reason == (
        "too little of the left scapula is seen"
    )


def test_the_clavicles_ratio_is_that_of_drawn_columns() -> None:
    # The midline is in column 77.5; the right clavicle ends at 69.5, the left begins at 84.5.
    found = taken(subject_of(chest()), "clavicle_rotation_ratio")

    assert found.value == pytest.approx(7 / 8)
    assert found.qualifier == "the left clavicle ends nearer to the midline"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"clavicle_left": box(60, 64, 85, 125)}, "the clavicles end at different heights"),
        ({"clavicle_left": box(34, 38, 85, 92)}, "too little of the clavicle left is seen"),
        (
            {"clavicle_left": box(34, 38, 74, 125)},
            "a clavicle reaches over the midline: the patient is turned too far",
        ),
    ],
)
def test_clavicles_that_cannot_be_compared(changed: dict[str, Mask], reason: str) -> None:
    found = taken(subject_of(chest() | changed), "clavicle_rotation_ratio")

    assert found.reason == reason


def test_the_middle_of_a_mask_is_no_midline_for_clavicles() -> None:
    masks = {key: mask for key, mask in chest().items() if not key.startswith("vertebra")}
    masks["spine"] = box(10, 180, 70, 86)

    assert taken(subject_of(masks), "clavicle_rotation_ratio").reason == (
        "the vertebrae were not found: their midline is needed"
    )


def test_ribs_are_counted_down_to_the_dome() -> None:
    # Rib n lies in rows 19 + 12 n to 22 + 12 n, its middle 1.5 below; the dome is in row 130.
    last = max(n for n in range(1, 13) if 19 + 12 * n + 1.5 < RIGHT_DOME)

    found = taken(subject_of(chest()), "inspiration_level")

    assert found.value == last == 9
    assert len(found.aids) == 9
    assert found.unit.value == "{ribs}"


@pytest.mark.parametrize(
    ("without", "reason"),
    [
        (["posterior_rib_6_right"], "the posterior right rib 6 was not found"),
        (
            [*(f"posterior_rib_{n}_right" for n in range(1, 12)), "rib_12_right"],
            "posterior right ribs were not found",
        ),
    ],
)
def test_missing_ribs_are_named(without: list[str], reason: str) -> None:
    masks = {key: mask for key, mask in chest().items() if key not in without}

    assert taken(subject_of(masks), "inspiration_level").reason == reason


def test_ribs_out_of_order_are_not_counted() -> None:
    masks = chest()
    masks["posterior_rib_5_right"], masks["posterior_rib_7_right"] = (
        masks["posterior_rib_7_right"],
        masks["posterior_rib_5_right"],
    )

    assert "labelled wrongly" in str(taken(subject_of(masks), "inspiration_level").reason)


def test_a_straight_spine_deviates_by_nothing() -> None:
    assert taken(subject_of(chest()), "spine_centre_deviation").value == pytest.approx(0, abs=1e-9)


def test_deviation_is_the_mean_distance_from_the_line() -> None:
    masks = chest()
    offsets = [2, -2, -2, 2, 2, -2, -2, 2, 0, 0]
    for number, offset in enumerate(offsets, start=1):
        top = 12 * number
        masks[f"vertebra_t{number}"] = box(top, top + 10, 70 + offset, 86 + offset)

    found = taken(subject_of(masks), "spine_centre_deviation")

    # Offsets are balanced about their middle, so that the line stays upright but for a little.
    assert found.value == pytest.approx(np.mean(np.abs(offsets)) * 0.25, abs=0.02)


@pytest.mark.parametrize("key", ["diaphragm_height_difference", "spine_centre_deviation"])
def test_millimetres_need_a_spacing(key: str) -> None:
    assert taken(subject_of(chest(), NO_SPACING), key).reason == "no pixel spacing is known"


def test_bases_outside_the_film_stop_what_depends_on_them() -> None:
    failed = QualityCheck(Gate.FIELD_BASES, CheckStatus.FAILED, reason="the bases are cut off")

    found = values(subject_of(chest(), checks=(failed,)))

    refused = {key for key in KEYS if found[key] is None}
    assert refused == {
        "costophrenic_angle_left",
        "costophrenic_angle_right",
        "diaphragm_height_difference",
        "inspiration_level",
    }


ALLOWED = {"costophrenic_angle": 4.0, "diaphragm_height": 0.6}
"""The drawn lung is 130 rows tall: its recess is seen over 16 of them."""


def assert_same(before: Subject, after: Subject) -> None:
    first, second = values(before), values(after)
    for key in KEYS:
        allowed = next((size for start, size in ALLOWED.items() if key.startswith(start)), 0.03)
        assert first[key] is not None, key
        assert second[key] == pytest.approx(first[key], abs=allowed), key


def test_a_mirrored_or_finer_film_gives_the_same_values() -> None:
    for subject in (subject_of(chest()), golden_frontal()):
        assert_same(subject, mirrored_film(subject))
        assert_same(subject, enlarged(subject, 2))


def test_a_patient_who_stands_elsewhere_gives_the_same_values() -> None:
    # Not the golden one: on a larger film the vertebrae that the film cuts off would be whole.
    assert_same(subject_of(chest()), moved(subject_of(chest()), 5, 7))


def test_a_mirrored_patient_has_the_sides_swapped() -> None:
    before, after = (values(each(golden_frontal())) for each in (lambda s: s, mirrored_patient))

    assert after["diaphragm_height_difference"] == pytest.approx(
        -(before["diaphragm_height_difference"] or 0)
    )
    for kind in ("costophrenic_angle", "scapula_overlap"):
        assert after[f"{kind}_left"] == pytest.approx(before[f"{kind}_right"], abs=0.2)
    assert after["clavicle_rotation_ratio"] == pytest.approx(before["clavicle_rotation_ratio"])


def test_the_golden_patient() -> None:
    subject = golden_frontal()
    found = {each.key: each.value for each in measure_all(subject) if each.key in KEYS}
    overlap = subject.mask("scapula_right") & subject.mask("right_lung_field")

    assert found["scapula_overlap_right"] == pytest.approx(
        overlap.sum() / subject.mask("scapula_right").sum(), abs=0.01
    )
    # Rib 9 crosses the middle of the lung in row 238, rib 10 in row 282; the dome is in row 242.
    assert found["inspiration_level"] == 9
    assert found["clavicle_rotation_ratio"] == pytest.approx(0.83, abs=0.01)
    assert found["diaphragm_height_difference"] == pytest.approx(16.0, abs=2.0)
    assert found["costophrenic_angle_right"] == pytest.approx(32.4, abs=1.0)
    assert found["costophrenic_angle_left"] == pytest.approx(46.8, abs=1.0)
    assert found["spine_centre_deviation"] == pytest.approx(3.1, abs=0.1)
