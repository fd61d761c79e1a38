"""What the registry adds to a value: the gates that it depends on, the range that holds."""

from dataclasses import replace

import pytest

from service.domain.gate import Gate
from service.domain.measurement import CheckStatus, MeasurementStatus, QualityCheck
from service.measurements.registry import MEASUREMENTS, measure, measure_all
from tests.unit.measurements.conftest import DrawSubject

KEY = "cardiothoracic_ratio"


@pytest.fixture(autouse=True)
def _loaded(draw_subject: DrawSubject) -> None:
    measure_all(draw_subject())


@pytest.mark.parametrize("gate", [Gate.POLARITY, Gate.TURNED, Gate.VIEW, Gate.FIELD_SIDES])
def test_a_failed_gate_stops_what_depends_on_it(draw_subject: DrawSubject, gate: Gate) -> None:
    failed = QualityCheck(gate, CheckStatus.FAILED, 0.9, 0.5, "it is a negative")

    (found,) = measure(MEASUREMENTS.get(KEY), replace(draw_subject(), checks=(failed,)))

    assert found.status is MeasurementStatus.NOT_MEASURED
    assert found.reason == "it is a negative"


def test_a_warning_stops_nothing(draw_subject: DrawSubject) -> None:
    warned = QualityCheck(Gate.POLARITY, CheckStatus.WARNING, 0.4, 0.5, "hardly")

    (found,) = measure(MEASUREMENTS.get(KEY), replace(draw_subject(), checks=(warned,)))

    assert found.status is MeasurementStatus.MEASURED


def test_a_gate_of_another_measurement_stops_nothing(draw_subject: DrawSubject) -> None:
    failed = QualityCheck(Gate.FIELD_BASES, CheckStatus.FAILED, 0.0, 0.1, "cut off")

    (found,) = measure(MEASUREMENTS.get(KEY), replace(draw_subject(), checks=(failed,)))

    assert found.status is MeasurementStatus.MEASURED


@pytest.mark.parametrize(
    ("status", "has_range"), [(CheckStatus.PASSED, True), (CheckStatus.WARNING, False)]
)
def test_a_child_is_not_held_against_the_range_of_adults(
    draw_subject: DrawSubject,
    status: CheckStatus,
    has_range: bool,  # noqa: FBT001
) -> None:
    age = QualityCheck(Gate.AGE, status)

    (found,) = measure(MEASUREMENTS.get(KEY), replace(draw_subject(), checks=(age,)))

    assert (found.normal is not None) is has_range
