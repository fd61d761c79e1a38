"""A pixel spacing that cannot be that of the picture."""

import pytest

from service.domain.image import PixelSpacing, SpacingProvenance
from service.measurements.registry import Subject
from tests.unit.measurements.drawing import box, subject_of, taken

UNSTATED = SpacingProvenance.PIXEL_SPACING_UNSTATED
FIELDS = {"right_lung_field": box(20, 140, 30, 70), "left_lung_field": box(30, 120, 90, 130)}
"""The chest is 100 columns wide."""


def chest(pixel_mm: float, provenance: SpacingProvenance = UNSTATED) -> Subject:
    return subject_of(FIELDS, PixelSpacing(pixel_mm, pixel_mm, provenance))


@pytest.mark.parametrize("pixel_mm", [1.5, 2.8, 4.5])
def test_a_believable_chest_is_measured(pixel_mm: float) -> None:
    assert taken(chest(pixel_mm), "thoracic_width").value == pytest.approx(100 * pixel_mm)


@pytest.mark.parametrize(("pixel_mm", "width"), [(0.168, 17), (1.4, 140), (4.6, 460)])
def test_a_spacing_that_makes_the_chest_impossible_gives_no_length(
    pixel_mm: float, width: int
) -> None:
    reason = f"the pixel spacing, whose origin is not stated, would make the chest {width} mm wide"

    for key in ("thoracic_width", "lung_area_right"):
        assert taken(chest(pixel_mm), key).reason == reason
    assert taken(chest(pixel_mm), "lung_area_ratio").value == pytest.approx(120 / 90)


@pytest.mark.parametrize(
    "provenance", [SpacingProvenance.CALIBRATED, SpacingProvenance.DETECTOR_PLANE]
)
def test_a_spacing_that_says_where_it_comes_from_is_believed(
    provenance: SpacingProvenance,
) -> None:
    newborn = taken(chest(1.0, provenance), "thoracic_width")

    assert newborn.value == pytest.approx(100)


def test_without_lungs_nothing_speaks_against_a_spacing() -> None:
    alone = subject_of({"heart": box(40, 100, 50, 100)}, PixelSpacing(0.5, 0.5, UNSTATED))

    assert taken(alone, "cardiac_width").value == pytest.approx(25)
