"""Lungs that the upper edge cuts off."""

import pytest

from service.domain.gate import Gate
from tests.unit.gates.conftest import Told, box, check_of, drawn


@pytest.mark.parametrize(("top", "status"), [(0, "failed"), (1, "passed"), (30, "passed")])
def test_the_higher_lung_must_stay_away_from_the_edge(told: Told, top: int, status: str) -> None:
    lungs = {
        "right_lung_field": box(slice(top, 80), slice(20, 40)),
        "left_lung_field": box(slice(40, 80), slice(60, 80)),
    }

    check = check_of(Gate.FIELD_APICES, told(segmentation=drawn(lungs)))

    assert check is not None
    assert (check.status, check.value) == (status, top / 100)


def test_a_speck_at_the_edge_is_no_lung(told: Told) -> None:
    lung = box(slice(10, 80), slice(20, 40))
    lung[0, 90] = True

    check = check_of(Gate.FIELD_APICES, told(segmentation=drawn({"right_lung_field": lung})))

    assert check is not None
    assert check.value == 0.1
