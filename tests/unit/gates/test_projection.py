"""Postero-anterior, antero-posterior, or not said."""

import pytest

from service.domain.gate import Gate
from service.domain.image import ViewPosition
from tests.unit.gates.conftest import Seen, Told, check_of, status_of


@pytest.mark.parametrize(
    ("view", "status"), [("PA", "passed"), ("AP", "warning"), ("UNKNOWN", "warning")]
)
def test_only_postero_anterior_shows_the_heart_in_its_size(
    told: Told, seen: Seen, view: str, status: str
) -> None:
    assert status_of(Gate.PROJECTION, told(image=seen(ViewPosition(view)))) == status


def test_two_attributes_that_disagree_are_said(told: Told, seen: Seen) -> None:
    check = check_of(Gate.PROJECTION, told(image=seen(warnings=("view_contradiction",))))

    assert check is not None
    assert check.status == "warning"
    assert "ViewCodeSequence" in (check.reason or "")


def test_a_lateral_is_neither(told: Told, seen: Seen) -> None:
    assert status_of(Gate.PROJECTION, told(image=seen(ViewPosition.LATERAL))) is None
