"""Widest heart over widest thorax."""

import pytest

from service.domain.image import NO_SPACING
from service.domain.measurement import MeasurementStatus
from service.measurements.registry import MEASUREMENTS, measure, measure_all
from tests.unit.measurements.conftest import THORAX, DrawSubject


def definition():  # noqa: ANN201 - the registry's own type
    return MEASUREMENTS.get("cardiothoracic_ratio")


@pytest.fixture(autouse=True)
def _loaded(draw_subject: DrawSubject) -> None:
    measure_all(draw_subject())


def test_the_ratio_is_that_of_the_drawn_widths(draw_subject: DrawSubject) -> None:
    heart = THORAX["heart"][3] - THORAX["heart"][2]
    thorax = THORAX["left_lung_field"][3] - THORAX["right_lung_field"][2]

    found = measure(definition(), draw_subject())[0]

    assert found.value == pytest.approx(heart / thorax)
    assert found.unit.value == "{ratio}"
    assert found.drawn_with == "cardiac_width"


def test_the_ratio_needs_no_spacing(draw_subject: DrawSubject) -> None:
    with_spacing = measure(definition(), draw_subject())[0]

    assert measure(definition(), draw_subject(spacing=NO_SPACING))[0].value == with_spacing.value


@pytest.mark.parametrize("missing", list(THORAX))
def test_without_heart_or_a_lung_it_is_not_measured(
    draw_subject: DrawSubject, missing: str
) -> None:
    found = measure(definition(), draw_subject(**{missing: None}))[0]

    assert found.status is MeasurementStatus.NOT_MEASURED
    assert found.value is None
    assert found.points == ()
    assert found.reason == f"{missing.replace('_', ' ')} was not found"
