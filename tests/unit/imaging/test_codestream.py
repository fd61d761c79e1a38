import pytest
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless

from service.errors import RejectedInstance
from service.imaging.codestream import checked_codestream
from service.imaging.pixel_description import PixelDescription
from service.imaging.transfer_syntaxes import Codec
from tests.builders import build_dx, draw_chest
from tests.unit.imaging.codestreams import (
    codestream_of,
    jpeg_2000_claiming,
    jpeg_baseline,
    jpeg_claiming,
    rle_of_zeros,
)

LARGEST = 65535


def description(rows: int, columns: int, bits: int = 16) -> PixelDescription:
    return PixelDescription(rows, columns, bits, bits, bits - 1, is_signed=False)


def code_of(codec: Codec, codestream: bytes, expected: PixelDescription) -> str:
    with pytest.raises(RejectedInstance) as caught:
        checked_codestream(codec, codestream, expected)
    return caught.value.code


@pytest.mark.parametrize(
    ("transfer_syntax", "codec"),
    [(JPEG2000Lossless, Codec.JPEG_2000), (JPEGLSLossless, Codec.JPEG_LS)],
)
@pytest.mark.parametrize("shape", [(96, 80), (35, 33), (32, 71)])
def test_size_and_precision_are_those_of_the_encoded_picture(
    transfer_syntax: str, codec: Codec, shape: tuple[int, int]
) -> None:
    rows, columns = shape
    dataset = build_dx(draw_chest(rows, columns))

    header = checked_codestream(
        codec, codestream_of(dataset, transfer_syntax), description(rows, columns)
    )

    assert (header.rows, header.columns, header.components) == (rows, columns, 1)
    assert header.precision == dataset.BitsStored


def test_a_jpegs_size_stands_behind_its_other_segments() -> None:
    codestream = jpeg_baseline(draw_chest(24, 40, bits_stored=8))
    comment = b"\xff\xfe\x00\x07hello"

    header = checked_codestream(
        Codec.JPEG, codestream[:2] + comment + b"\xff" + codestream[2:], description(24, 40, 8)
    )

    assert (header.rows, header.columns, header.precision) == (24, 40, 8)


def test_a_jpeg_2000_codestream_within_a_jp2_file_is_found() -> None:
    box = b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"\x00\x00\x00\x00jp2c"

    header = checked_codestream(
        Codec.JPEG_2000, box + jpeg_2000_claiming(24, 40), description(24, 40)
    )

    assert (header.rows, header.columns) == (24, 40)


@pytest.mark.parametrize(
    ("codec", "codestream"),
    [
        (Codec.JPEG_2000, jpeg_2000_claiming(LARGEST, LARGEST)),
        (Codec.JPEG, jpeg_claiming(LARGEST, LARGEST)),
        (Codec.JPEG_LS, jpeg_claiming(LARGEST, LARGEST, start_of_frame=0xF7)),
        (Codec.RLE, rle_of_zeros(100)),
    ],
    ids=str,
)
def test_a_codestream_of_another_size_than_the_header_says_is_a_mismatch(
    codec: Codec, codestream: bytes
) -> None:
    expected = description(512, 512, 8 if codec in (Codec.JPEG, Codec.JPEG_LS) else 16)

    assert code_of(codec, codestream, expected) == "pixel_size_mismatch"


def test_rle_data_too_few_for_the_picture_are_a_mismatch_before_anything_is_decoded() -> None:
    most_bytes_of_a_segment = 64 * 2 * 100 // 2
    fits = description(1, most_bytes_of_a_segment)

    assert checked_codestream(Codec.RLE, rle_of_zeros(100), fits).columns == fits.columns
    assert code_of(Codec.RLE, rle_of_zeros(100), description(3, fits.columns)) == (
        "pixel_size_mismatch"
    )


@pytest.mark.parametrize("codec", list(Codec))
@pytest.mark.parametrize("codestream", [b"", b"\xff", b"\xff\xd8", bytes(200), b"\xff" * 300])
def test_bytes_that_are_no_codestream_fail_to_decode(codec: Codec, codestream: bytes) -> None:
    assert code_of(codec, codestream, description(8, 8)) == "decode_failed"


@pytest.mark.parametrize(
    "offsets", [(64, 60), (64, 10_000), (200, 64)], ids=["in the head", "outside", "backwards"]
)
def test_rle_segments_outside_the_data_fail_to_decode(offsets: tuple[int, int]) -> None:
    codestream = bytearray(rle_of_zeros(100))
    for index, offset in enumerate(offsets):
        codestream[4 + 4 * index : 8 + 4 * index] = offset.to_bytes(4, "little")

    assert code_of(Codec.RLE, bytes(codestream), description(1, 64)) == "decode_failed"


@pytest.mark.parametrize("padding", [b"", b"\0", b"\xff", bytes(30)])
def test_padding_behind_the_end_marker_is_no_cut(padding: bytes) -> None:
    codestream = jpeg_baseline(draw_chest(24, 40, bits_stored=8)) + padding

    assert checked_codestream(Codec.JPEG, codestream, description(24, 40, 8)).rows == 24


def test_a_codestream_without_end_marker_fails_to_decode() -> None:
    codestream = jpeg_baseline(draw_chest(24, 40, bits_stored=8))

    assert code_of(Codec.JPEG, codestream[:-20], description(24, 40, 8)) == "decode_failed"


def test_more_precision_than_bits_allocated_is_a_mismatch() -> None:
    assert code_of(Codec.JPEG_2000, jpeg_2000_claiming(8, 8), description(8, 8, 8)) == (
        "pixel_size_mismatch"
    )
