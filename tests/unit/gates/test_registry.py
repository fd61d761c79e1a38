"""Every gate is asked once, and a failure that leaves no result has a name."""

import pytest

from service.domain.gate import ALWAYS, Gate
from service.domain.measurement import CheckStatus, QualityCheck
from service.errors import NotEligible
from service.gates.registry import GATES, check_all, refuse
from tests.unit.gates.conftest import Told


def failure(gate: Gate) -> QualityCheck:
    return QualityCheck(gate.value, CheckStatus.FAILED, 0.0, 1.0, f"{gate.value} is wrong")


def test_there_is_a_question_for_every_gate(told: Told) -> None:
    check_all(told())

    assert set(GATES.names()) == {gate.value for gate in Gate}


def test_a_good_film_passes_and_the_order_is_that_of_the_gates(told: Told) -> None:
    checks = check_all(told())

    order = [gate.value for gate in Gate]
    assert {check.status for check in checks} == {"passed"}
    assert [check.check for check in checks] == sorted(
        (check.check for check in checks), key=order.index
    )


def test_a_model_without_limits_is_asked_of_its_header_alone(told: Told) -> None:
    checks = check_all(told(limits={}, storing=None))

    assert [check.check for check in checks] == [Gate.PROJECTION.value]


@pytest.mark.parametrize(
    ("gate", "code"),
    [
        (Gate.CHEST, "not_frontal_chest"),
        (Gate.EXPOSURE, "empty_exposure"),
        (Gate.VIEW, "view_mismatch"),
    ],
)
def test_what_ends_a_job_is_named(told: Told, gate: Gate, code: str) -> None:
    check_all(told())

    with pytest.raises(NotEligible, match=f"{gate.value} is wrong") as caught:
        refuse((failure(Gate.POLARITY), failure(gate)))

    assert caught.value.code == code


def test_the_first_failure_gives_the_code_and_all_are_said(told: Told) -> None:
    check_all(told())

    with pytest.raises(NotEligible, match="chest is wrong; view is wrong") as caught:
        refuse((failure(Gate.CHEST), failure(Gate.VIEW)))

    assert caught.value.code == "not_frontal_chest"


def test_other_failures_end_nothing(told: Told) -> None:
    check_all(told())
    ends = {Gate.CHEST, Gate.EXPOSURE, Gate.VIEW}

    refuse(tuple(failure(gate) for gate in Gate if gate not in ends))


def test_a_check_that_failed_says_why(told: Told) -> None:
    evidence = told(certainty=0.5)

    failed = [check for check in check_all(evidence) if check.status == CheckStatus.FAILED]

    assert failed
    assert all(check.reason for check in failed)


def test_what_every_measurement_needs_is_a_gate_that_can_fail() -> None:
    assert set(ALWAYS) <= set(Gate)
