import hashlib
import struct
import tracemalloc
import warnings
from io import BytesIO
from pathlib import Path

import pydicom
import pydicom.data
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence

from service.errors import RejectedInstance
from service.inbound.identify import Header, identify, read_identifiers
from service.inbound.scan import MAXIMUM_DEPTH, MAXIMUM_ELEMENTS
from tests.builders import build_cr, build_dx, write_part10

IMPLICIT, EXPLICIT, BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
CODES = {
    "not_dicom",
    "truncated",
    "invalid_uid",
    "missing_attribute",
    "unsupported_transfer_syntax",
    "too_complex",
}
SYNTAXES = {
    "implicit": IMPLICIT,
    "explicit": EXPLICIT,
    "big endian": BIG_ENDIAN,
    "RLE": "1.2.840.10008.1.2.5",
    "JPEG 2000": "1.2.840.10008.1.2.4.90",
    "JPEG-LS": "1.2.840.10008.1.2.4.80",
}


def identifiers(header: Header) -> tuple[str, str, str, str]:
    reference = header.reference
    return (
        reference.study_instance_uid,
        reference.series_instance_uid,
        reference.sop_instance_uid,
        reference.sop_class_uid,
    )


def stated(dataset: Dataset) -> tuple[str, str, str, str]:
    return (
        dataset.StudyInstanceUID,
        dataset.SeriesInstanceUID,
        dataset.SOPInstanceUID,
        dataset.SOPClassUID,
    )


def encoded(dataset: Dataset, *, implicit: bool = False, little_endian: bool = True) -> bytes:
    """Return the data set alone, without preamble and file meta."""
    stream = BytesIO()
    dcmwrite(stream, dataset, implicit_vr=implicit, little_endian=little_endian)
    return stream.getvalue()


def code_of(content: bytes) -> str:
    with pytest.raises(RejectedInstance) as caught:
        read_identifiers(BytesIO(content))
    return caught.value.code


def outcome(content: bytes) -> str | tuple[str, ...]:
    """Return the identifiers, or the code of the refusal."""
    try:
        return identifiers(read_identifiers(BytesIO(content)))
    except RejectedInstance as error:
        return error.code


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_part10(build_dx(), tmp_path / "film.dcm")


@pytest.mark.parametrize("transfer_syntax_uid", SYNTAXES.values(), ids=SYNTAXES.keys())
def test_identifiers_are_read_in_every_encoding(tmp_path: Path, transfer_syntax_uid: str) -> None:
    dataset = build_dx()
    path = write_part10(dataset, tmp_path / "film.dcm", transfer_syntax_uid)

    identified = identify(path)

    assert identifiers(identified.header) == stated(dataset)
    assert identified.transfer_syntax_uid == transfer_syntax_uid
    assert identified.header.is_part10
    assert identified.size_bytes == path.stat().st_size


@pytest.mark.parametrize(
    ("implicit", "little_endian", "guessed"),
    [(True, True, IMPLICIT), (False, True, EXPLICIT), (False, False, BIG_ENDIAN)],
    ids=["implicit", "explicit", "big endian"],
)
def test_a_bare_data_set_is_read_and_its_syntax_guessed(
    *, implicit: bool, little_endian: bool, guessed: str
) -> None:
    dataset = build_cr()

    header = read_identifiers(
        BytesIO(encoded(dataset, implicit=implicit, little_endian=little_endian))
    )

    assert identifiers(header) == stated(dataset)
    assert (header.transfer_syntax_uid, header.data_set_offset) == (guessed, 0)
    assert not header.is_part10


def test_file_meta_without_a_preamble_is_read(film: Path) -> None:
    content = film.read_bytes()[132:]

    header = read_identifiers(BytesIO(content))

    assert identifiers(header) == identifiers(identify(film).header)
    assert not header.is_part10


def test_the_hash_leaves_out_the_head_that_each_sender_writes_anew(tmp_path: Path) -> None:
    dataset = build_dx()
    data_set = encoded(dataset)
    path = write_part10(dataset, tmp_path / "film.dcm")
    path.write_bytes(b"\1" * 128 + path.read_bytes()[128:])

    identified = identify(path)

    assert identified.content_sha256 == hashlib.sha256(data_set).hexdigest()
    assert path.read_bytes()[identified.header.data_set_offset :] == data_set


def test_sequences_of_undefined_length_are_passed_over() -> None:
    inner, item = Dataset(), Dataset()
    inner.SOPInstanceUID = "9.9.9"
    item.ReferencedSOPInstanceUID = "8.8.8"
    item.ReferencedImageSequence = Sequence([inner, inner])
    item["ReferencedImageSequence"].is_undefined_length = True
    item.is_undefined_length_sequence_item = True
    dataset = build_dx(ReferencedStudySequence=Sequence([item, item]))
    dataset["ReferencedStudySequence"].is_undefined_length = True

    for implicit in (True, False):
        header = read_identifiers(BytesIO(encoded(dataset, implicit=implicit)))
        assert identifiers(header) == stated(dataset)


def test_a_sequence_hidden_in_unknown_vr_is_implicit_inside() -> None:
    dataset = build_dx()
    content = encoded(dataset)
    item = struct.pack("<HHL", 0x0008, 0x0018, 4) + b"9.9\0"
    hidden = (
        struct.pack("<HH2sHL", 0x0009, 0x1010, b"UN", 0, 0xFFFFFFFF)
        + struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
        + item
        + struct.pack("<HHLHHL", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    )
    at = content.index(struct.pack("<HH", 0x0010, 0x0010))

    header = read_identifiers(BytesIO(content[:at] + hidden + content[at:]))

    assert identifiers(header) == stated(dataset)


def test_elements_out_of_order_are_found_all_the_same() -> None:
    dataset = build_dx()
    content = encoded(dataset)
    length = 8 + len(dataset.SOPClassUID) + len(dataset.SOPClassUID) % 2
    at = content.index(struct.pack("<HH", 0x0008, 0x0016))

    moved = content[:at] + content[at + length :] + content[at : at + length]

    assert identifiers(read_identifiers(BytesIO(moved))) == stated(dataset)


def test_a_uid_padded_with_a_space_is_forgiven_and_a_leading_zero_kept() -> None:
    content = encoded(build_dx(SOPInstanceUID="1.02.3"))

    header = read_identifiers(
        BytesIO(content.replace(b"1.02.3", b"1.02. ").replace(b"2. ", b"24 "))
    )

    assert header.reference.sop_instance_uid == "1.024"


@pytest.mark.parametrize(
    "hostile",
    ["../../etc/x", "/tmp/x", "1.2\0/../x", "1.2;touch x", "1.é", "1." * 32 + "1", "1..2", "."],
    ids=ascii,
)
def test_hostile_uids_are_refused(hostile: str) -> None:
    value = hostile.encode() + b"\0" * (len(hostile.encode()) % 2)
    element = struct.pack("<HH2sH", 0x0008, 0x0018, b"UI", len(value)) + value

    assert code_of(b"\0" * 128 + b"DICM" + element) == "invalid_uid"


@pytest.mark.parametrize("keyword", ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID"])
def test_a_missing_identifier_is_named(keyword: str) -> None:
    dataset = build_dx()
    delattr(dataset, keyword)

    with pytest.raises(RejectedInstance, match=f"^missing: {keyword}$") as caught:
        read_identifiers(BytesIO(encoded(dataset)))

    assert caught.value.code == "missing_attribute"


def test_an_empty_identifier_counts_as_missing() -> None:
    assert code_of(encoded(build_dx(SeriesInstanceUID=""))) == "missing_attribute"


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"<html>" * 100, b"\x89PNG\r\n\x1a\n" + bytes(200), bytes(1000)],
    ids=["empty", "one byte", "HTML", "PNG", "zeros"],
)
def test_what_is_not_dicom_is_called_so(content: bytes) -> None:
    assert code_of(content) == "not_dicom"


def test_a_file_that_ends_within_its_header_is_truncated(film: Path) -> None:
    content = film.read_bytes()
    end = content.index(struct.pack("<HH", 0x0020, 0x000D))

    codes = {code_of(content[:length]) for length in range(140, end + 8, 7)}

    assert codes <= {"truncated", "missing_attribute", "not_dicom"}
    assert code_of(content[: end + 6]) == "truncated"


def test_a_length_beyond_the_end_is_truncated() -> None:
    element = struct.pack("<HH2sHL", 0x0008, 0x0001, b"OB", 0, 0xFFFFFFFE)

    assert code_of(b"\0" * 128 + b"DICM" + element + bytes(100)) == "truncated"


def test_a_deflated_data_set_is_not_inflated(tmp_path: Path) -> None:
    path = write_part10(build_dx(), tmp_path / "film.dcm")
    path.write_bytes(path.read_bytes().replace(EXPLICIT.encode() + b"\0", DEFLATED.encode(), 1))

    # The group length is one syntax short now; it is not looked at.
    assert code_of(_longer_meta(path)) == "unsupported_transfer_syntax"


def _longer_meta(path: Path) -> bytes:
    content = path.read_bytes()
    wrong = struct.pack("<HH2sH", 2, 0x10, b"UI", len(EXPLICIT) + 1)
    right = struct.pack("<HH2sH", 2, 0x10, b"UI", len(DEFLATED))
    assert wrong in content
    return content.replace(wrong, right, 1)


def test_deep_nesting_is_refused_at_a_fixed_depth() -> None:
    opener = struct.pack("<HH2sHL", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF)
    opener += struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)

    assert code_of(b"\0" * 128 + b"DICM" + opener * 50_000) == "too_complex"
    assert code_of(b"\0" * 128 + b"DICM" + opener * (MAXIMUM_DEPTH // 2)) == "truncated"


@pytest.mark.parametrize("inside", [True, False], ids=["items", "elements"])
def test_millions_of_empty_elements_are_refused_at_a_fixed_count(*, inside: bool) -> None:
    if inside:
        opener = struct.pack("<HH2sHL", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF)
        content = opener + struct.pack("<HHL", 0xFFFE, 0xE000, 0) * 2 * MAXIMUM_ELEMENTS
    else:
        content = struct.pack("<HH2sH", 0x0009, 0x0010, b"LO", 0) * 2 * MAXIMUM_ELEMENTS

    assert code_of(b"\0" * 128 + b"DICM" + content) == "too_complex"


def test_a_header_does_not_make_us_hold_what_it_claims() -> None:
    claimed = 64 << 20
    value = struct.pack("<HH2sH", 0x0008, 0x0016, b"UI", 60_000)
    stream = BytesIO(b"\0" * 128 + b"DICM" + value + bytes(claimed))
    tracemalloc.start()
    try:
        with pytest.raises(RejectedInstance):
            read_identifiers(stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1 << 20


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=2000), st.sampled_from([b"", b"\0" * 128 + b"DICM"]))
def test_arbitrary_bytes_are_refused_and_nothing_worse(content: bytes, prefix: bytes) -> None:
    assert code_of(prefix + content) in CODES


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_a_damaged_film_is_identified_or_refused_and_nothing_worse(data: st.DataObject) -> None:
    content = bytearray(_FILM)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))

    found = outcome(bytes(content[:end]))

    assert found in CODES or all(0 < len(each) <= 64 for each in found)


_FILM = encoded(build_dx(SOPInstanceUID="1.2.3", StudyInstanceUID="1.2", SeriesInstanceUID="1.3"))[
    :2500
]


def _files_of_pydicom() -> list[Path]:
    return sorted((Path(pydicom.data.__file__).parent / "test_files").glob("*.dcm"))


@pytest.mark.parametrize("path", _files_of_pydicom(), ids=lambda path: path.name)
def test_it_reads_what_pydicom_reads(path: Path) -> None:
    """pydicom's own odd files: wrong VRs, private sequences, no meta, swapped bytes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)
    keywords = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")
    expected = tuple(dataset.get(keyword) for keyword in keywords)
    syntax = dataset.file_meta.get("TransferSyntaxUID")

    if None in expected or syntax == DEFLATED:
        with pytest.raises(RejectedInstance):
            identify(path)
    else:
        identified = identify(path)
        assert identifiers(identified.header) == expected
        assert syntax in (None, identified.transfer_syntax_uid)


def test_real_radiographs_are_identified(shared_data: Path) -> None:
    for path in sorted((shared_data / "data" / "dicom").rglob("*.dcm")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(path, force=True, stop_before_pixels=True)

        assert identifiers(identify(path).header) == stated(dataset)
