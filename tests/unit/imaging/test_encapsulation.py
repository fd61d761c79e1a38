import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.encaps import encapsulate

from service.errors import RejectedInstance
from service.imaging.encapsulation import read_codestream
from service.imaging.part10 import PixelElement

PREFIX = b"header"
ENCAPSULATED = PixelElement(0x7FE00010, "OB", len(PREFIX), None)


def codestream_in(value: bytes) -> bytes:
    content = PREFIX + value
    return read_codestream(io.BytesIO(content), ENCAPSULATED, len(content))


def code_of(value: bytes, element: PixelElement = ENCAPSULATED) -> str:
    with pytest.raises(RejectedInstance) as caught:
        read_codestream(io.BytesIO(PREFIX + value), element, len(PREFIX + value))
    return caught.value.code


def item(content: bytes) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


END = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


@given(codestream=st.binary(min_size=8, max_size=300), fragments=st.integers(1, 4))
def test_the_frame_is_its_fragments_joined_whatever_the_offset_table(
    codestream: bytes, fragments: int
) -> None:
    even = codestream[: len(codestream) // 2 * 2]
    value = encapsulate([even], fragments_per_frame=fragments, has_bot=fragments > 2) + END

    assert codestream_in(value) == even


def test_plain_pixels_under_a_compressed_transfer_syntax_fail_to_decode() -> None:
    plain = PixelElement(0x7FE00010, "OW", len(PREFIX), 32)

    assert code_of(bytes(32), plain) == "decode_failed"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (END, "no_pixel_data"),
        (item(b"") + END, "no_pixel_data"),
        (item(b"") + item(b"abcd"), "truncated"),
        (item(b"") + item(b"abcd")[:-2], "truncated"),
        (item(b"") + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFF0), "truncated"),
        (bytes(40), "decode_failed"),
    ],
    ids=["nothing", "only a table", "no delimiter", "cut", "4 GB claimed", "no items"],
)
def test_what_is_not_a_sequence_of_fragments_has_its_reason(value: bytes, code: str) -> None:
    assert code_of(value) == code
