"""Lungs that a side edge cuts off."""

import pytest

from service.domain.gate import Gate
from tests.unit.gates.conftest import Told, box, check_of, drawn


@pytest.mark.parametrize(
    ("left", "right", "score"), [(0, 80, 0.0), (20, 100, 0.0), (5, 80, 0.05), (20, 98, 0.02)]
)
def test_the_nearer_edge_counts(told: Told, left: int, right: int, score: float) -> None:
    lungs = {
        "right_lung_field": box(slice(10, 80), slice(left, 40)),
        "left_lung_field": box(slice(10, 80), slice(60, right)),
    }

    check = check_of(Gate.FIELD_SIDES, told(segmentation=drawn(lungs)))

    assert check is not None
    assert check.value == pytest.approx(score)
    assert check.status == ("passed" if score >= 0.01 else "failed")
