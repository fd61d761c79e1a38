"""Clavicles that end nearer to the spine on one side."""

import pytest

from service.domain.gate import Gate
from service.gates.patient_rotation import symmetry
from tests.unit.gates.conftest import Told, box, check_of, drawn, status_of, storing

SPINE = box(slice(0, 100), slice(48, 52))  # its middle is column 49.5
RIGHT = box(slice(18, 22), slice(20, 40))  # ends at 39.5, ten columns before the middle


@pytest.mark.parametrize(
    ("start", "score", "status"),
    [(60, 1.0, "passed"), (53, 0.3, "warning"), (75, 0.4, "passed"), (80, 1 / 3, "warning")],
)
def test_the_smaller_distance_over_the_larger(
    told: Told, start: int, score: float, status: str
) -> None:
    left = box(slice(18, 22), slice(start, start + 20))
    masks = {"spine": SPINE, "clavicle_right": RIGHT, "clavicle_left": left}

    check = check_of(Gate.PATIENT_ROTATION, told(segmentation=drawn(masks)))

    assert check is not None
    # From the middle (49.5) to the edge of the left clavicle's first pixel (start - 0.5).
    assert check.value == pytest.approx(score, abs=1e-4)
    assert check.status == status


def test_two_ends_on_one_side_of_the_spine_are_no_symmetry() -> None:
    assert symmetry(5.0, 10.0) == 0.0
    assert symmetry(-5.0, 10.0) == symmetry(10.0, -5.0) == 0.5


@pytest.mark.parametrize("missing", ["spine", "clavicle_left", "clavicle_right"])
def test_without_its_bones_it_is_not_asked(told: Told, missing: str) -> None:
    masks = {"spine": SPINE, "clavicle_right": RIGHT, "clavicle_left": RIGHT[:, ::-1]}
    del masks[missing]

    assert status_of(Gate.PATIENT_ROTATION, told(segmentation=drawn(masks))) is None


def test_masks_of_a_negative_are_not_asked(told: Told) -> None:
    masks = {"spine": SPINE, "clavicle_right": RIGHT, "clavicle_left": RIGHT[:, ::-1]}

    evidence = told(segmentation=drawn(masks), storing=storing(inverted=1))

    assert status_of(Gate.PATIENT_ROTATION, evidence) is None
