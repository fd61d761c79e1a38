"""Lungs that the lower edge cuts off."""

import pytest

from service.domain.gate import Gate
from tests.unit.gates.conftest import Told, box, check_of, drawn


@pytest.mark.parametrize(("bottom", "status"), [(100, "failed"), (99, "passed"), (70, "passed")])
def test_the_lower_lung_must_stay_away_from_the_edge(told: Told, bottom: int, status: str) -> None:
    lungs = {
        "right_lung_field": box(slice(10, 60), slice(20, 40)),
        "left_lung_field": box(slice(10, bottom), slice(60, 80)),
    }

    check = check_of(Gate.FIELD_BASES, told(segmentation=drawn(lungs)))

    assert check is not None
    assert (check.status, check.value) == (status, (100 - bottom) / 100)
