"""Ribs above the diaphragm."""

import pytest

from service.domain.gate import Gate
from tests.unit.gates.conftest import Mask, Told, box, check_of, drawn, status_of


def chest(ribs: int, dome: int) -> dict[str, Mask]:
    """Return a lung, a dome from row `dome`, and ribs of 4 rows, the first from row 6, every 8."""
    masks = {
        "right_lung_field": box(slice(5, 95), slice(20, 40)),
        "right_hemidiaphragm": box(slice(dome, 100), slice(15, 45)),
    }
    for number in range(1, ribs + 1):
        top = 8 * number - 2
        masks[f"posterior_rib_{number}_right"] = box(slice(top, top + 4), slice(10, 45))
    return masks


@pytest.mark.parametrize(("dome", "count", "status"), [(80, 9, "passed"), (65, 8, "warning")])
def test_ribs_whose_middle_is_above_the_dome_count(
    told: Told, dome: int, count: int, status: str
) -> None:
    # Rib n has its middle in row 8 n - 0.5: rib 9 in 71.5, rib 10 in 79.5, rib 8 in 63.5.
    expected = sum(8 * number - 0.5 < dome for number in range(1, 12))

    check = check_of(Gate.INSPIRATION, told(segmentation=drawn(chest(11, dome))))

    assert check is not None
    assert check.value == expected
    assert expected >= count
    assert check.status == status


@pytest.mark.parametrize("missing", ["posterior_rib_4_right", "right_hemidiaphragm"])
def test_what_is_missing_is_not_guessed(told: Told, missing: str) -> None:
    masks = chest(11, 80)
    del masks[missing]

    assert status_of(Gate.INSPIRATION, told(segmentation=drawn(masks))) is None


def test_a_model_without_single_ribs_is_not_asked(told: Told) -> None:
    assert status_of(Gate.INSPIRATION, told(segmentation=drawn(chest(0, 80)))) is None
