"""Trachea and carina, drawn with known offsets and angles."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.image import NO_SPACING, PixelSpacing, SpacingProvenance
from service.domain.measurement import QualityCheck
from tests.unit.measurements.drawing import Mask, box, mirrored_film, subject_of, taken

SPINE = box(10, 190, 70, 90)  # its middle is column 79.5
TRACHEA = box(20, 100, 78, 88)  # its middle is column 82.5, its width 10
SQUARE = PixelSpacing(0.5, 0.5, SpacingProvenance.CALIBRATED)


def test_a_deviation_is_the_distance_of_both_middles() -> None:
    found = taken(subject_of({"trachea": TRACHEA, "spine": SPINE}), "tracheal_deviation")

    assert found.value == pytest.approx(3 * 0.25)
    assert [column for _, column in found.points] == pytest.approx([79.5, 82.5])
    assert len(found.aids) == 2


def test_left_is_positive_whichever_way_the_film_lies() -> None:
    subject = subject_of({"trachea": TRACHEA, "spine": SPINE})
    turned = subject_of({"trachea": TRACHEA, "spine": SPINE}, left_on_right=False)

    assert taken(mirrored_film(subject), "tracheal_deviation").value == pytest.approx(0.75)
    assert taken(turned, "tracheal_deviation").value == pytest.approx(-0.75)


def test_the_ratio_is_in_half_tracheal_widths() -> None:
    subject = subject_of({"trachea": TRACHEA, "spine": SPINE}, NO_SPACING)

    assert taken(subject, "tracheal_deviation_ratio").value == pytest.approx(3 / 5)
    assert taken(subject, "tracheal_deviation").reason == "no pixel spacing is known"


def test_bronchi_that_the_mask_goes_on_into_are_not_measured() -> None:
    with_bronchi = TRACHEA | box(100, 130, 40, 110)

    found = taken(subject_of({"trachea": with_bronchi, "spine": SPINE}), "tracheal_deviation")

    assert found.value == pytest.approx(3 * 0.25)


def test_vertebrae_come_before_the_spine_s_mask() -> None:
    vertebrae = {
        f"vertebra_t{number}": box(15 * number, 15 * number + 12, 60, 80) for number in range(1, 9)
    }

    found = taken(
        subject_of(vertebrae | {"trachea": TRACHEA, "spine": SPINE}), "tracheal_deviation"
    )

    # The vertebrae's middle is column 69.5.
    assert found.value == pytest.approx(13 * 0.25)
    assert found.segments == ("trachea", *vertebrae)


def test_the_midline_follows_a_spine_that_slants() -> None:
    rows, columns = np.mgrid[:200, :160]
    slanting = (np.abs(columns - 60 - 0.2 * rows) < 10) & (rows >= 10) & (rows < 190)
    beside = (np.abs(columns - 64 - 0.2 * rows) < 5) & (rows >= 20) & (rows < 100)

    found = taken(subject_of({"trachea": beside, "spine": slanting}), "tracheal_deviation")

    assert found.value == pytest.approx(4 * 0.25, abs=0.1)


@pytest.mark.parametrize(
    ("masks", "reason"),
    [
        ({"spine": SPINE}, "trachea was not found"),
        ({"trachea": TRACHEA}, "spine was not found"),
        ({"trachea": box(20, 30, 78, 88), "spine": SPINE}, "too little of the trachea is seen"),
        ({"trachea": TRACHEA, "spine": box(20, 50, 70, 90)}, "too little of the spine is seen"),
        (
            {"trachea": TRACHEA, "spine": box(120, 190, 70, 90)},
            "a structure does not reach the level at which it is measured",
        ),
    ],
)
def test_a_deviation_that_cannot_be_taken_says_why(masks: dict[str, Mask], reason: str) -> None:
    assert taken(subject_of(masks), "tracheal_deviation").reason == reason


def carina(right: float, left: float, row_mm: float = 1.0) -> Mask:
    """Return two main bronchi that part in row 60 at these angles (degrees) from straight down.

    row_mm: height of a row in column widths.
    """
    rows, columns = np.mgrid[:200, :160]
    down = (rows - 60) * row_mm
    # No column lies exactly on a border of 45 degrees, where rounding would draw a jagged one.
    low = 79.75 - math.tan(math.radians(right)) * down
    high = 80.25 + math.tan(math.radians(left)) * down
    trachea = (rows >= 30) & (rows < 60) & (np.abs(columns - 80) < 20)
    bronchi = (rows >= 60) & (rows < 110)
    bronchi &= ((columns < low) & (columns > low - 25)) | ((columns > high) & (columns < high + 25))
    return trachea | bronchi


@settings(deadline=None, max_examples=25)
@given(st.floats(10, 45), st.floats(10, 45))
def test_the_angle_is_that_between_the_drawn_borders(right: float, left: float) -> None:
    subject = subject_of({"tracheal_bifurcation": carina(right, left)}, SQUARE)

    assert taken(subject, "carinal_angle").value == pytest.approx(right + left, abs=1.5)


def test_the_angle_is_drawn_over_the_carina() -> None:
    subject = subject_of({"tracheal_bifurcation": carina(25, 35)}, SQUARE)

    low, apex, high = taken(subject, "carinal_angle").points

    assert apex == pytest.approx((60, 80), abs=1.5)
    assert low[0] == high[0] > apex[0]
    assert low[1] < apex[1] < high[1]


def test_oblong_pixels_of_known_size_give_the_patient_s_angle() -> None:
    subject = subject_of({"tracheal_bifurcation": carina(25, 35, row_mm=2.0)})

    # The drawing's own spacing has rows twice as high as columns are wide.
    assert taken(subject, "carinal_angle").value == pytest.approx(60, abs=2)


def test_oblong_pixels_of_unknown_size_give_no_angle() -> None:
    said = (QualityCheck("header", "warning", "pixels_not_square"),)
    masks = {"tracheal_bifurcation": carina(25, 35)}

    refused = taken(subject_of(masks, NO_SPACING, said), "carinal_angle")

    assert refused.reason == "the pixels are not square and no pixel spacing is known"
    assert taken(subject_of(masks, NO_SPACING), "carinal_angle").value == pytest.approx(60, abs=2)


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (box(30, 110, 60, 100), "the main bronchi do not part"),
        (carina(25, 35) & ~box(66, 200, 0, 160), "the main bronchi do not part far enough"),
        (carina(25, 35) | box(105, 120, 20, 140), "the main bronchi do not part far enough"),
    ],
    ids=["none", "short", "closed"],
)
def test_a_carina_without_a_notch_has_no_angle(mask: Mask, reason: str) -> None:
    subject = subject_of({"tracheal_bifurcation": mask}, SQUARE)

    assert taken(subject, "carinal_angle").reason == reason


def test_bent_borders_have_no_angle() -> None:
    rows, columns = np.mgrid[:200, :160]
    gap = (rows >= 60) & (rows < 110) & (np.abs(columns - 80) < np.where(rows < 88, 2, 40))
    mask = (box(30, 110, 20, 140)) & ~gap

    refused = taken(subject_of({"tracheal_bifurcation": mask}, SQUARE), "carinal_angle")

    assert refused.reason == "the borders of the main bronchi are not straight"


def test_without_a_bifurcation_there_is_no_angle() -> None:
    refused = taken(subject_of({"trachea": TRACHEA}, SQUARE), "carinal_angle")

    assert refused.reason == "tracheal bifurcation was not found"
