from types import SimpleNamespace

import pytest

from service.domain.identifiers import (
    InstanceReference,
    SeriesInstanceUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID,
)
from service.errors import RejectedInstance
from service.inbound.store import check_agreement, source_name

REFERENCE = InstanceReference(
    StudyInstanceUID("1.1"), SeriesInstanceUID("1.2"), SOPInstanceUID("1.3"), SOPClassUID("1.4")
)


def request(sop_class_uid: str, sop_instance_uid: str) -> SimpleNamespace:
    return SimpleNamespace(
        AffectedSOPClassUID=sop_class_uid, AffectedSOPInstanceUID=sop_instance_uid
    )


def test_command_and_data_set_that_agree_pass() -> None:
    check_agreement(request("1.4", "1.3"), REFERENCE)


@pytest.mark.parametrize("stated", [("1.4", "9.9"), ("9.9", "1.3"), ("1.3", "1.4")])
def test_command_and_data_set_that_disagree_are_a_mismatch(stated: tuple[str, str]) -> None:
    with pytest.raises(RejectedInstance) as caught:
        check_agreement(request(*stated), REFERENCE)

    assert caught.value.code == "uid_mismatch"


def test_a_source_is_printable_and_short() -> None:
    assert source_name("  MODALITY\x1b[31m\r\n ") == "MODALITY[31m"
    assert len(source_name("x" * 200)) == 64
