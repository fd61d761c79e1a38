import math

import pytest
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from service.errors import RejectedInstance
from service.imaging.attributes import items, number, numbers, text, texts, value, whole_number
from tests.builders import build_dx


def raw(keyword: str, vr: str, encoded: bytes) -> Dataset:
    """A header whose element is still as it was in the file."""
    header = Dataset()
    tag = Tag(keyword)
    header[tag] = RawDataElement(
        tag, vr, len(encoded), encoded, 0, is_implicit_VR=False, is_little_endian=True
    )
    return header


def test_text_is_upper_case_and_without_padding() -> None:
    assert text(raw("BodyPartExamined", "CS", b" chest \0"), "BodyPartExamined") == "CHEST"


def test_several_texts_stay_several() -> None:
    assert texts(build_dx(), "PatientOrientation") == ("L", "F")


@pytest.mark.parametrize("keyword", ["BodyPartExamined", "WindowCenter", "ViewCodeSequence"])
def test_what_is_absent_is_nothing_of_each_kind(keyword: str) -> None:
    header = Dataset()

    assert value(header, keyword) is None
    assert text(header, keyword) == ""
    assert numbers(header, keyword) == ()
    assert math.isnan(number(header, keyword))
    assert items(header, keyword) == ()


@pytest.mark.parametrize("encoded", [b"wide", b"1,5 ", b"\xff\xfe\xfd\xfc"])
def test_an_unreadable_number_is_not_a_number_and_raises_nothing(encoded: bytes) -> None:
    assert math.isnan(number(raw("WindowWidth", "DS", encoded), "WindowWidth"))


def test_a_sequence_that_ends_in_its_middle_has_no_items() -> None:
    assert items(raw("ViewCodeSequence", "SQ", b"\xfe\xff\x00"), "ViewCodeSequence") == ()


def test_a_number_keeps_its_sign_and_exponent() -> None:
    assert numbers(raw("WindowCenter", "DS", b"+1.5E2\\-3"), "WindowCenter") == (150.0, -3.0)


def test_whole_numbers_are_checked_for_presence() -> None:
    with pytest.raises(RejectedInstance, match="Rows") as caught:
        whole_number(Dataset(), "Rows", 1, 10)
    assert caught.value.code == "missing_attribute"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(raw("Rows", "US", b"\x0b\0"), id="too large"),
        pytest.param(raw("Rows", "US", b"\0\0"), id="zero"),
        pytest.param(raw("Rows", "US", b"\x01\0\x02\0"), id="two values"),
        pytest.param(raw("Rows", "UL", b"\x05\0\0\0"), id="a longer VR"),
        pytest.param(raw("Rows", "US", b"\x05"), id="half a value"),
        pytest.param(raw("Rows", "US", b""), id="empty"),
        pytest.param(raw("Rows", "LO", b"5 "), id="text"),
    ],
)
def test_whole_numbers_are_checked_for_vr_multiplicity_and_range(header: Dataset) -> None:
    with pytest.raises(RejectedInstance) as caught:
        whole_number(header, "Rows", 1, 10)
    assert caught.value.code == "invalid_attribute"


def test_a_message_names_the_keyword_and_never_the_value() -> None:
    with pytest.raises(RejectedInstance) as caught:
        whole_number(raw("Rows", "US", b"\x39\x30"), "Rows", 1, 10)
    assert "Rows" in caught.value.text
    assert str(0x3039) not in caught.value.text
