import pytest

from service import errors
from service.errors import (
    ConflictingInstance,
    LeaseLost,
    NotEligible,
    OutOfResources,
    RejectedInstance,
    ServiceError,
)
from service.inbound.dimse_status import MAXIMUM_COMMENT, refusal


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RejectedInstance(code="uid_mismatch"), 0xA900),
        (RejectedInstance(code="invalid_uid"), 0xC000),
        (RejectedInstance(code="not_dicom"), 0xC000),
        (NotEligible(), 0xC000),
        (OutOfResources(), 0xA700),
        (ConflictingInstance(job_id="0"), 0x0111),
        (LeaseLost(), 0x0110),
        (ServiceError(), 0x0110),
        (ValueError("Doe^John"), 0x0110),
    ],
    ids=lambda each: getattr(each, "code", type(each).__name__) if each else "",
)
def test_each_error_has_its_status(error: Exception, status: int) -> None:
    assert refusal(error)[0] == status


def test_every_error_of_ours_has_a_failure_status() -> None:
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    ours = [each for each in classes if issubclass(each, ServiceError)]

    assert ours
    assert all(refusal(each.__new__(each))[0] >= 0x0100 for each in ours)


def test_a_bug_does_not_speak_to_the_sender() -> None:
    _, comment = refusal(ValueError("Doe^John"))

    assert "Doe" not in comment


def test_the_comment_fits_its_element() -> None:
    _, comment = refusal(ServiceError("a\\b\n" + "x" * 200 + "é"))

    assert len(comment) == MAXIMUM_COMMENT
    assert comment.startswith("abx")
