import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.inbound.pdu import (
    A_ASSOCIATE_RQ,
    MAXIMUM_ASSOCIATION_ITEMS,
    MAXIMUM_VALUES,
    P_DATA_TF,
    check_items,
    check_length,
)
from tests.raw_dimse import DX, EXPLICIT, associate_rq, item


def body(pdu: bytes) -> bytes:
    return pdu[6:]


def values(count: int) -> bytes:
    return struct.pack(">LBB", 2, 1, 0) * count


def test_the_greatest_length_is_allowed_and_one_more_is_not() -> None:
    check_length(131072, 131072)

    with pytest.raises(OSError, match="pdu_too_long"):
        check_length(131073, 131072)


def test_the_largest_request_that_a_real_sender_makes_is_let_through() -> None:
    syntaxes = [f"1.2.840.10008.1.2.4.{number}" for number in range(29)]

    check_items(A_ASSOCIATE_RQ, body(associate_rq([(DX, syntaxes)] * 128)))


def test_tiny_items_within_one_context_are_counted() -> None:
    stuffed = associate_rq([(DX, [""] * MAXIMUM_ASSOCIATION_ITEMS)])

    with pytest.raises(OSError, match="pdu_too_many_items"):
        check_items(A_ASSOCIATE_RQ, body(stuffed))


def test_tiny_items_of_user_information_are_counted() -> None:
    stuffed = body(associate_rq()) + item(0x50, item(0x56, b"") * MAXIMUM_ASSOCIATION_ITEMS)

    with pytest.raises(OSError, match="pdu_too_many_items"):
        check_items(A_ASSOCIATE_RQ, stuffed)


def test_data_values_are_counted() -> None:
    check_items(P_DATA_TF, values(MAXIMUM_VALUES))

    with pytest.raises(OSError, match="pdu_too_many_items"):
        check_items(P_DATA_TF, values(MAXIMUM_VALUES + 1))


@given(st.sampled_from([A_ASSOCIATE_RQ, P_DATA_TF, 5, 7]), st.binary(max_size=4000))
def test_any_body_is_passed_or_refused_and_nothing_worse(kind: int, content: bytes) -> None:
    with suppress(OSError):
        check_items(kind, content)


def test_an_ordinary_request_passes() -> None:
    check_items(A_ASSOCIATE_RQ, body(associate_rq([(DX, [EXPLICIT])])))
