"""A negative is recognised by its pixels."""

from service.domain.gate import Gate
from tests.unit.gates.conftest import Told, check_of, status_of, storing


def test_a_negative_fails_and_the_attribute_is_named(told: Told) -> None:
    check = check_of(Gate.POLARITY, told(storing=storing(inverted=1)))

    assert check is not None
    assert (check.status, check.value) == ("failed", 1.0)
    assert "PhotometricInterpretation" in (check.reason or "")


def test_a_positive_passes_however_it_is_turned(told: Told) -> None:
    assert status_of(Gate.POLARITY, told(storing=storing(turned=2, mirrored=1))) == "passed"
