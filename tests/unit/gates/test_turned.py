"""A picture on its side or its head is recognised by its pixels."""

import pytest

from service.domain.gate import Gate
from tests.unit.gates.conftest import Told, check_of, status_of, storing


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_picture_fails_and_the_angle_is_said(told: Told, quarters: int) -> None:
    check = check_of(Gate.TURNED, told(storing=storing(turned=quarters)))

    assert check is not None
    assert check.status == "failed"
    assert f" {90 * quarters} degrees" in (check.reason or "")


def test_an_upright_negative_passes(told: Told) -> None:
    assert status_of(Gate.TURNED, told(storing=storing(inverted=1))) == "passed"
