"""Frontal or lateral, by pixels and header."""

import pytest

from service.domain.gate import Gate
from service.domain.image import ViewPosition
from tests.unit.gates.conftest import Seen, Told, check_of, status_of, storing


@pytest.mark.parametrize("view", ["PA", "AP", "UNKNOWN"])
def test_a_lateral_that_the_header_does_not_call_one_fails(
    told: Told, seen: Seen, view: str
) -> None:
    check = check_of(Gate.VIEW, told(image=seen(ViewPosition(view)), storing=storing(view=1)))

    assert check is not None
    assert check.status == "failed"
    assert check.reason is not None
    assert "lateral" in check.reason


def test_a_frontal_picture_that_is_called_lateral_fails(told: Told, seen: Seen) -> None:
    assert status_of(Gate.VIEW, told(image=seen(ViewPosition.LATERAL))) == "failed"


def test_a_lateral_that_says_so_passes(told: Told, seen: Seen) -> None:
    evidence = told(image=seen(ViewPosition.LATERAL), storing=storing(view=1))

    assert status_of(Gate.VIEW, evidence) == "passed"


def test_a_package_without_a_probe_is_not_asked(told: Told) -> None:
    assert status_of(Gate.VIEW, told(storing=None)) is None
