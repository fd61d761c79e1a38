"""Which UIDs are accepted, and that a bad one is never repeated in a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.identifiers import checked_uid, has_leading_zero, new_job_id
from service.errors import RejectedInstance

components = st.integers(min_value=0, max_value=10**6).map(str)
valid_uids = st.lists(components, min_size=1, max_size=8).map(".".join)


@given(valid_uids)
def test_a_uid_of_the_standard_is_kept_as_it_is(uid: str) -> None:
    assert checked_uid(uid, "SOPInstanceUID") == uid
    assert not has_leading_zero(uid)


@given(valid_uids)
def test_one_trailing_nul_is_padding(uid: str) -> None:
    assert checked_uid(uid + "\0", "SOPInstanceUID") == uid


@pytest.mark.parametrize(
    "uid",
    ["", "\0", "../../etc/passwd", "/tmp/x", "1.2\0.3", "1.2\0\0", "1..2", ".1", "1.", "1.2.a",
     "1.2;rm", "1.2\n", " 1.2", "١.٢", "1" * 65],
    ids=repr,
)  # fmt: skip
def test_anything_else_is_rejected_without_repeating_it(uid: str) -> None:
    with pytest.raises(RejectedInstance) as caught:
        checked_uid(uid, "SOPInstanceUID")

    assert caught.value.code == "invalid_uid"
    assert caught.value.text == "SOPInstanceUID is not a valid UID"


def test_a_leading_zero_is_accepted_and_noticed() -> None:
    uid = checked_uid("1.2.012.3", "SOPInstanceUID")

    assert has_leading_zero(uid)


def test_job_ids_are_random() -> None:
    assert new_job_id() != new_job_id()
