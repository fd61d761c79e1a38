"""The heart's side against PatientOrientation."""

import pytest

from service.domain.gate import Gate
from service.domain.image import ViewPosition
from tests.unit.gates.conftest import Seen, Told, check_of, status_of, storing


@pytest.mark.parametrize(
    ("left_on_right", "mirrored", "status"),
    [
        (True, 0, "passed"),
        (None, 0, "passed"),
        (False, 0, "warning"),
        (True, 1, "failed"),
        (None, 1, "failed"),
        (False, 1, "failed"),
    ],
)
def test_header_and_heart(
    told: Told, seen: Seen, *, left_on_right: bool | None, mirrored: int, status: str
) -> None:
    image = seen(patient_left_is_on_image_right=left_on_right)

    evidence = told(image=image, storing=storing(mirrored=mirrored))

    assert status_of(Gate.MIRRORED, evidence) == status


def test_situs_inversus_is_named_beside_a_mirrored_picture(told: Told) -> None:
    check = check_of(Gate.MIRRORED, told(storing=storing(mirrored=1)))

    assert check is not None
    assert "organs" in (check.reason or "")


def test_a_lateral_has_no_mirror_image(told: Told, seen: Seen) -> None:
    evidence = told(image=seen(ViewPosition.LATERAL), storing=storing(view=1, mirrored=1))

    assert status_of(Gate.MIRRORED, evidence) is None
