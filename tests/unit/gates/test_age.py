"""Children are said, never refused."""

import pytest

from service.domain.gate import Gate
from tests.unit.gates.conftest import Seen, Told, status_of


@pytest.mark.parametrize(("child", "status"), [(True, "warning"), (False, "passed"), (None, None)])
def test_a_child_is_a_warning(
    told: Told, seen: Seen, *, child: bool | None, status: str | None
) -> None:
    assert status_of(Gate.AGE, told(image=seen(patient_is_under_16=child))) == status
