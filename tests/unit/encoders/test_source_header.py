from io import BytesIO
from typing import Any

import pytest
from pydicom import config, dcmread
from pydicom.dataset import Dataset

from service.encoders.source_header import copyable_header, has_plane, remove_plane
from tests.builders import build_dx, build_sc
from tests.headers import reference_of

NAMES = {
    "GB18030": "Wang^XiaoDong=王^小东",
    "ISO_IR 126": "Διονυσιος",
    "ISO_IR 192": "王^小明",
    "ISO_IR 100": "Müller^Jörg",
    "\\ISO 2022 IR 87": "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "\\ISO 2022 IR 149": "Hong^Gildong=洪^吉洞=홍^길동",
}


def copied(header: Dataset) -> Dataset:
    """The copy made as `encode` makes it: without pydicom's warnings, which quote values."""
    with config.disable_value_validation():
        return copyable_header(header, reference_of(header))


def as_received(header: Dataset) -> Dataset:
    """The header as it comes from a file: raw bytes, nothing decoded yet."""
    buffer = BytesIO()
    header.save_as(buffer, implicit_vr=False, little_endian=True)
    return dcmread(BytesIO(buffer.getvalue()), force=True, stop_before_pixels=True)


def with_broken(header: Dataset, **values: str) -> Dataset:
    """The header with values that the standard does not allow, as real files have them."""
    with config.disable_value_validation():
        for keyword, value in values.items():
            header.pop(keyword, None)  # an element remembers how its values were checked
            setattr(header, keyword, value)
        return as_received(header)


@pytest.mark.parametrize(("character_set", "name"), NAMES.items())
def test_a_name_in_any_alphabet_becomes_unicode(character_set: str, name: str) -> None:
    header = build_dx(SpecificCharacterSet=character_set.split("\\"), PatientName=name)

    copy = copied(as_received(header))

    assert str(copy.PatientName) == name


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("PatientBirthDate", "d14a028c2a3a2bc9"),
        ("AccessionNumber", "d14a028c2a3a2bc9476102bb288234c415a2b01f"),
        ("PatientAge", "62"),
        ("StudyDate", "yesterday"),
        ("StudyTime", "25:00"),
    ],
)
def test_a_broken_value_is_not_repeated(keyword: str, value: str) -> None:
    copy = copied(with_broken(build_dx(), **{keyword: value}))

    assert not copy.get(keyword)


def test_what_identifies_is_copied_however_broken() -> None:
    long_id, long_name = "9" * 80, "N" * 80
    header = with_broken(build_dx(), PatientID=long_id, PatientName=long_name)
    header["StudyInstanceUID"].value = "1.2.03.4"

    copy = copied(header)

    assert (copy.PatientID, str(copy.PatientName)) == (long_id, long_name)
    assert copy.StudyInstanceUID == "1.2.03.4"


def test_required_attributes_that_are_missing_become_empty() -> None:
    header = build_sc()
    for keyword in ("PatientName", "PatientID", "StudyDate", "StudyID", "AccessionNumber"):
        header.pop(keyword, None)

    copy = copied(header)

    assert [copy.PatientName, copy.PatientID, copy.StudyDate, copy.StudyID] == [""] * 4
    assert copy.AccessionNumber == ""


def test_the_dotted_dates_of_acr_nema_are_understood() -> None:
    copy = copied(with_broken(build_dx(), AcquisitionDate="1993.02.24"))

    assert copy.AcquisitionDate == "19930224"


@pytest.mark.parametrize(("sex", "expected"), [("F", "F"), ("U", ""), ("male", "")])
def test_a_sex_that_the_standard_does_not_know_becomes_empty(sex: str, expected: str) -> None:
    copy = copied(with_broken(build_dx(), PatientSex=sex))

    assert copy.PatientSex == expected


def test_half_an_orientation_is_none() -> None:
    assert copied(build_dx(PatientOrientation="L")).PatientOrientation == ""
    assert list(copied(build_dx(PatientOrientation=["L", "F"])).PatientOrientation) == ["L", "F"]


def test_a_backslash_in_a_name_does_not_make_two_of_it() -> None:
    assert str(copied(with_broken(build_dx(), PatientName="Drawn\\Phantom")).PatientName) == (
        "Drawn Phantom"
    )


def test_a_position_of_two_numbers_is_none() -> None:
    assert "ImagePositionPatient" not in copied(build_dx(ImagePositionPatient=[1, 2]))


def test_private_elements_overlays_and_pixels_stay_behind() -> None:
    header = build_dx()
    header.add_new(0x00091001, "LO", "private")
    header.add_new(0x60000010, "US", 4)

    copy = copied(header)

    assert {tag.group for tag in copy.keys()} <= {0x08, 0x10, 0x18, 0x20, 0x28, 0x32, 0x40}  # noqa: SIM118
    assert "PixelData" not in copy


def test_a_sequence_with_a_broken_element_goes_as_a_whole() -> None:
    request = Dataset()
    request.RequestedProcedureID = "R-1"
    header = build_dx(RequestAttributesSequence=[request])
    assert len(copied(header).RequestAttributesSequence) == 1
    with config.disable_value_validation():
        request.add_new(0x00400007, "LO", "x" * 80)

    assert "RequestAttributesSequence" not in copied(header)


def test_an_element_that_cannot_be_read_is_left_out() -> None:
    header = with_broken(build_dx(), SeriesDescription="fine")
    raw: Any = header.get_item("SeriesNumber")
    header["SeriesNumber"] = raw._replace(value=b"1.5a")

    copy = copied(header)

    assert "SeriesNumber" not in copy
    assert copy.SeriesDescription == "fine"


def test_modality_follows_the_sop_class() -> None:
    assert copied(build_dx(Modality="OT")).Modality == "DX"
    assert copied(build_sc(Modality="DX")).Modality == "DX"
    assert copied(build_sc(Modality=None)).Modality == "OT"


def test_the_source_header_itself_is_not_changed() -> None:
    header = build_dx(PatientSex="")
    before = str(header)

    copied(header)

    assert str(header) == before


def test_a_plane_is_known_only_when_all_of_it_is() -> None:
    header = build_dx(FrameOfReferenceUID="1.2.3", ImagePositionPatient=[0, 0, 0])

    assert not has_plane(header)
    header.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    assert has_plane(header)
    remove_plane(header)
    assert "FrameOfReferenceUID" not in header
