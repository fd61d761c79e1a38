"""Widest heart over widest thorax."""

from dataclasses import replace

import pytest

from service.domain.image import NO_SPACING, ViewPosition
from service.domain.measurement import CheckStatus, MeasurementStatus, QualityCheck
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


@pytest.mark.parametrize(
    ("view", "highest"),
    [
        (ViewPosition.POSTERO_ANTERIOR, 0.50),
        (ViewPosition.ANTERO_POSTERIOR, 0.55),
        (ViewPosition.UNKNOWN, None),
    ],
)
def test_the_limit_is_that_of_the_view(
    draw_subject: DrawSubject, view: ViewPosition, highest: float | None
) -> None:
    found = measure(definition(), replace(draw_subject(), view=view))[0]

    assert (found.normal.high if found.normal else None) == highest


@pytest.mark.parametrize("gate", ["field_sides", "patient_rotation", "polarity"])
def test_a_failed_gate_is_the_reason(draw_subject: DrawSubject, gate: str) -> None:
    failed = QualityCheck(gate, CheckStatus.FAILED, reason="the gate said no")
    warned = QualityCheck("inspiration", CheckStatus.WARNING, reason="shallow")

    found = measure(definition(), replace(draw_subject(), checks=(warned, failed)))[0]

    assert found.reason == "the gate said no"
    assert measure(definition(), replace(draw_subject(), checks=(warned,)))[0].value is not None


def test_both_diameters_are_shown(draw_subject: DrawSubject) -> None:
    found = measure(definition(), draw_subject())[0]
    (thorax,) = found.aids

    columns = [line[-1][1] - line[0][1] for line in (found.points, thorax)]

    assert found.value == pytest.approx(columns[0] / columns[1])
