"""A chest, or not."""

import pytest

from service.domain.gate import Gate
from tests.unit.gates.conftest import LIMITS, Told, check_of, status_of


@pytest.mark.parametrize(("above", "status"), [(0.0, "passed"), (-0.001, "failed")])
def test_certainty_is_held_against_the_limit(told: Told, above: float, status: str) -> None:
    limit = LIMITS[Gate.CHEST]

    check = check_of(Gate.CHEST, told(certainty=limit + above))

    assert check is not None
    assert (check.status, check.threshold) == (status, limit)


def test_a_model_that_states_no_limit_is_not_asked(told: Told) -> None:
    assert status_of(Gate.CHEST, told(limits={})) is None
