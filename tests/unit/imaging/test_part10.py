import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)

from service.errors import RejectedInstance
from service.imaging.limits import DEFAULT_LIMITS, DecodeLimits
from service.imaging.part10 import Part10File, open_part10
from tests.builders import build_dx, write_encapsulated, write_part10

ITEM = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
ITEM_END = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
SEQUENCE_END = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def sequence_head(length: int = 0xFFFFFFFF) -> bytes:
    """The head of an explicit (0040,A730) ContentSequence."""
    return struct.pack("<HH2sHI", 0x0040, 0xA730, b"SQ", 0, length)


def data_set_offset(part10: bytes) -> int:
    """Where the data set begins, by File Meta Information Group Length."""
    return 144 + struct.unpack_from("<I", part10, 140)[0]


def hostile(path: Path, elements: bytes) -> Path:
    """A file of our meta information and raw elements behind SOPClassUID."""
    encoded = write_part10(build_dx(), path).read_bytes()
    path.write_bytes(encoded[: data_set_offset(encoded)] + elements)
    return path


def code_of(path: Path, limits: DecodeLimits = DEFAULT_LIMITS) -> str:
    with pytest.raises(RejectedInstance) as caught:
        open_part10(path, limits)
    return caught.value.code


@pytest.mark.parametrize(
    "transfer_syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_header_and_place_of_the_pixels_are_those_that_pydicom_finds(
    tmp_path: Path, transfer_syntax: str
) -> None:
    path = write_part10(build_dx(), tmp_path / "dx.dcm", transfer_syntax)
    expected = dcmread(path)

    file = open_part10(path, DEFAULT_LIMITS)

    pixel_data = expected["PixelData"]
    del expected.PixelData
    assert file.header == expected
    assert file.transfer_syntax_uid == transfer_syntax
    assert file.pixel_element is not None
    assert file.pixel_element.offset == pixel_data.file_tell
    assert file.pixel_element.length == len(pixel_data.value)


def test_encapsulated_pixels_have_no_length(tmp_path: Path) -> None:
    path = write_encapsulated(build_dx(), tmp_path / "dx.dcm", JPEG2000Lossless, b"\xff\x4f")

    file = open_part10(path, DEFAULT_LIMITS)

    assert file.pixel_element is not None
    assert file.pixel_element.length is None


@pytest.mark.parametrize(
    "transfer_syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_a_file_that_is_only_a_data_set_is_read_by_its_looks(
    tmp_path: Path, transfer_syntax: str
) -> None:
    path = write_part10(build_dx(), tmp_path / "dx.dcm", transfer_syntax)
    encoded = path.read_bytes()
    path.write_bytes(encoded[data_set_offset(encoded) :])

    file = open_part10(path, DEFAULT_LIMITS)

    assert file.transfer_syntax_uid == transfer_syntax
    assert file.header.Rows == build_dx().Rows
    assert file.pixel_element is not None


def test_a_file_with_meta_information_but_without_preamble_is_read(tmp_path: Path) -> None:
    path = write_part10(build_dx(), tmp_path / "dx.dcm")
    path.write_bytes(path.read_bytes()[132:])

    assert open_part10(path, DEFAULT_LIMITS).transfer_syntax_uid == ExplicitVRLittleEndian


def test_an_icons_pixels_are_not_taken_for_the_images(tmp_path: Path) -> None:
    icon = build_dx()
    path = write_part10(build_dx(IconImageSequence=[icon], PixelData=None), tmp_path / "dx.dcm")

    assert open_part10(path, DEFAULT_LIMITS).pixel_element is None


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>" * 100, b"\x89PNG\r\n\x1a\n" + bytes(200), b"%PDF-1.7" + bytes(300), bytes(131)],
    ids=["empty", "html", "png", "pdf", "zeros"],
)
def test_what_is_not_dicom_is_called_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    assert code_of(path) == "not_dicom"


def test_a_file_cut_in_its_header_is_truncated(tmp_path: Path) -> None:
    path = write_part10(build_dx(PatientComments="x" * 60), tmp_path / "dx.dcm")
    encoded = path.read_bytes()
    path.write_bytes(encoded[: encoded.index(b"x" * 60) + 30])

    assert code_of(path) == "truncated"


def test_a_file_cut_in_its_pixels_is_truncated(tmp_path: Path) -> None:
    path = write_part10(build_dx(), tmp_path / "dx.dcm")
    path.write_bytes(path.read_bytes()[:-1])

    assert code_of(path) == "truncated"


def test_an_element_that_claims_4_gb_is_truncated_and_allocates_nothing(tmp_path: Path) -> None:
    claim = struct.pack("<HH2sHI", 0x0011, 0x0010, b"OB", 0, 0xFFFFFFFE) + bytes(100)

    assert code_of(hostile(tmp_path / "x", claim)) == "truncated"


@pytest.mark.parametrize("depth", [400, 50_000])
def test_sequences_nested_without_end_are_too_complex(tmp_path: Path, depth: int) -> None:
    nested = (sequence_head() + ITEM) * depth + (ITEM_END + SEQUENCE_END) * depth

    assert code_of(hostile(tmp_path / "x", nested)) == "too_complex"


def test_a_million_elements_are_too_complex(tmp_path: Path) -> None:
    elements = b"".join(
        struct.pack("<HH2sH", 0x0009 + 2 * (i >> 16), i & 0xFFFF, b"LO", 0)
        for i in range(0x1000, 200_000)
    )

    assert code_of(hostile(tmp_path / "x", elements)) == "too_complex"


@pytest.mark.parametrize(
    "length", [0xFFFFFFFF, 200_000 * 8], ids=["undefined length", "defined length"]
)
def test_a_sequence_of_countless_items_is_too_complex(tmp_path: Path, length: int) -> None:
    items = struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 200_000

    path = hostile(tmp_path / "x", sequence_head(length) + items + SEQUENCE_END)

    assert code_of(path) == "too_complex"


def test_countless_items_hidden_in_a_sequence_called_unknown_are_too_complex(
    tmp_path: Path,
) -> None:
    items = struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 200_000
    unknown = struct.pack("<HH2sHI", 0x0040, 0xA730, b"UN", 0, len(items))

    assert code_of(hostile(tmp_path / "x", unknown + items)) == "too_complex"


def test_a_header_larger_than_its_limit_is_too_complex(tmp_path: Path) -> None:
    limits = DecodeLimits(header_bytes=10_000)
    path = write_part10(build_dx(RequestAttributesSequence=[]), tmp_path / "dx.dcm")
    assert open_part10(path, limits).header.Rows

    private = struct.pack("<HH2sHI", 0x0011, 0x0010, b"OB", 0, 20_000) + bytes(20_000)

    assert code_of(hostile(tmp_path / "x", private), limits) == "too_complex"


def test_a_file_larger_than_its_limit_is_too_large(tmp_path: Path) -> None:
    path = write_part10(build_dx(), tmp_path / "dx.dcm")

    assert code_of(path, DecodeLimits(file_bytes=path.stat().st_size - 1)) == "too_large"


def test_a_deflated_bomb_is_refused_by_name_and_not_inflated(tmp_path: Path) -> None:
    path = write_part10(build_dx(), tmp_path / "x.dcm", DeflatedExplicitVRLittleEndian)
    encoded = path.read_bytes()
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = deflate.compress(bytes(10**7)) + deflate.flush()
    path.write_bytes(encoded[: data_set_offset(encoded)] + bomb)

    assert code_of(path) == "unsupported_transfer_syntax"


def test_a_transfer_syntax_without_pixels_of_its_own_is_refused(tmp_path: Path) -> None:
    path = write_encapsulated(build_dx(), tmp_path / "x.dcm", "1.2.840.10008.1.2.4.94", b"no")

    assert code_of(path) == "unsupported_transfer_syntax"


def test_a_missing_file_is_no_fault_of_the_sender(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_part10(tmp_path / "absent.dcm", DEFAULT_LIMITS)


@pytest.fixture(scope="module")
def whole_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    nested = build_dx(PixelData=None)
    path = tmp_path_factory.mktemp("whole") / "dx.dcm"
    return write_part10(build_dx(RequestAttributesSequence=[nested]), path).read_bytes()[:-15000]


@pytest.mark.filterwarnings("ignore::UserWarning")  # it names what it repairs
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 4000), st.binary(min_size=1, max_size=8)), max_size=6
    ),
    cut=st.integers(0, 2000),
)
def test_a_damaged_file_is_read_or_rejected_and_nothing_else(
    tmp_path: Path, whole_file: bytes, changes: list[tuple[int, bytes]], cut: int
) -> None:
    damaged = bytearray(whole_file)
    for position, replacement in changes:
        start = position % len(damaged)
        damaged[start : start + len(replacement)] = replacement
    path = tmp_path / "damaged"
    path.write_bytes(bytes(damaged)[: len(damaged) - cut])

    try:
        file: Part10File | None = open_part10(path, DEFAULT_LIMITS)
    except RejectedInstance:
        file = None

    assert file is None or file.size_bytes == os.stat(path).st_size  # noqa: PTH116
