"""Cardiac and thoracic width in millimetres."""

import pytest

from service.domain.image import NO_SPACING, PixelSpacing, SpacingProvenance
from service.domain.measurement import Measurement, MeasurementStatus
from service.measurements.registry import Subject, measure_all
from tests.unit.measurements.conftest import DrawSubject


def taken(subject: Subject, key: str) -> Measurement:
    return next(found for found in measure_all(subject) if found.key == key)


@pytest.mark.parametrize(("key", "columns"), [("cardiac_width", 36), ("thoracic_width", 80)])
def test_a_width_is_columns_times_the_column_spacing(
    draw_subject: DrawSubject, key: str, columns: int
) -> None:
    spacing = PixelSpacing(9.9, 0.25, SpacingProvenance.DETECTOR_PLANE)

    found = taken(draw_subject(spacing=spacing), key)

    assert found.value == pytest.approx(columns * 0.25)
    assert found.unit.value == "mm"
    assert found.qualifier == "imager_pixel_spacing_detector_plane"


@pytest.mark.parametrize("key", ["cardiac_width", "thoracic_width"])
def test_without_spacing_a_width_is_not_measured(draw_subject: DrawSubject, key: str) -> None:
    found = taken(draw_subject(spacing=NO_SPACING), key)

    assert found.status is MeasurementStatus.NOT_MEASURED
    assert found.reason == "no pixel spacing is known"
