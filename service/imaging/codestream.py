"""What a compressed picture says of itself, read before a codec believes it.

A kilobyte can claim 65535 x 65535 pixels, and codecs allocate what is claimed.
"""

import struct
from dataclasses import dataclass

from service.errors import RejectedInstance
from service.imaging.pixel_description import PixelDescription
from service.imaging.reasons import Rejection
from service.imaging.transfer_syntaxes import Codec

MAXIMUM_PRECISION = 16
_END = b"\xff\xd9"  # EOI of JPEG and JPEG-LS, EOC of JPEG 2000
_JPEG_START = b"\xff\xd8"
_JPEG_2000_START = b"\xff\x4f\xff\x51"
_JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "
# SOF0-3, 5-7, 9-11, 13-15 of JPEG (T.81 table B.1) and SOF55 of JPEG-LS (T.87 C.1.1).
_START_OF_FRAME = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC} | {0xF7})
_RLE_HEADER_BYTES = 64
# Two bytes of RLE make at most 128 (PS3.5 annex G.3.1).
_RLE_GROWTH = 64


@dataclass(frozen=True, slots=True)
class CodestreamHeader:
    """Size and sample format as the codestream has them."""

    rows: int
    columns: int
    components: int
    precision: int
    is_signed: bool

    @property
    def size_bytes(self) -> int:
        """Return the size of the decoded samples, in one or two bytes each."""
        return self.rows * self.columns * (1 if self.precision <= 8 else 2)  # noqa: PLR2004


def checked_codestream(
    codec: Codec, codestream: bytes, description: PixelDescription
) -> CodestreamHeader:
    """Return the codestream's own header once it agrees with the DICOM header.

    Raises RejectedInstance: decode_failed when it is none or does not end, pixel_size_mismatch
    when it holds another picture than Rows, Columns and BitsAllocated say.
    """
    try:
        header = _read_header(codec, codestream, description)
    except (struct.error, IndexError, ValueError) as error:
        raise RejectedInstance(
            "the codestream has no valid header", code=Rejection.DECODE_FAILED
        ) from error
    if codec is not Codec.RLE:
        _check_end(codestream)
    _check_agreement(header, description)
    return header


def _read_header(
    codec: Codec, codestream: bytes, description: PixelDescription
) -> CodestreamHeader:
    if codec is Codec.RLE:
        return _rle_header(codestream, description)
    if codec is Codec.JPEG_2000:
        return _jpeg_2000_header(codestream)
    return _jpeg_header(codestream)


def _jpeg_header(codestream: bytes) -> CodestreamHeader:
    """Read the first start of frame (T.81 B.2.2)."""
    if not codestream.startswith(_JPEG_START):
        raise ValueError
    offset = 2
    while True:
        mark, code = codestream[offset], codestream[offset + 1]
        if mark != 0xFF:  # noqa: PLR2004 - every marker begins so
            raise ValueError
        if code == 0xFF:  # noqa: PLR2004 - a fill byte
            offset += 1
            continue
        if code in _START_OF_FRAME:
            precision, rows, columns, count = struct.unpack_from(">BHHB", codestream, offset + 4)
            return CodestreamHeader(rows, columns, count, precision, is_signed=False)
        (length,) = struct.unpack_from(">H", codestream, offset + 2)
        offset += 2 + max(length, 2)


def _jpeg_2000_header(codestream: bytes) -> CodestreamHeader:
    """Read the SIZ segment (T.800 A.5.1). Some writers put the codestream into a JP2 file."""
    start = 0
    if codestream.startswith(_JP2_SIGNATURE):
        start = codestream.index(_JPEG_2000_START)
    elif not codestream.startswith(_JPEG_2000_START):
        raise ValueError
    width, height, left, top = struct.unpack_from(">IIII", codestream, start + 8)
    (components,) = struct.unpack_from(">H", codestream, start + 40)
    depth, *steps = struct.unpack_from(">BBB", codestream, start + 42)
    if steps != [1, 1]:
        raise ValueError
    return CodestreamHeader(
        height - top, width - left, components, (depth & 0x7F) + 1, bool(depth & 0x80)
    )


def _rle_header(codestream: bytes, description: PixelDescription) -> CodestreamHeader:
    """Read the segment table (PS3.5 G.5); it has no size, but so many bytes fill so many pixels."""
    count, *offsets = struct.unpack_from("<16I", codestream)
    used = offsets[:count]
    ordered = used == sorted(used) and all(
        _RLE_HEADER_BYTES <= offset < len(codestream) for offset in used
    )
    if count != description.bits_allocated // 8 or not ordered:
        raise ValueError
    if (len(codestream) - _RLE_HEADER_BYTES) * _RLE_GROWTH < description.size_bytes:
        raise RejectedInstance(
            "the data are too few for Rows and Columns", code=Rejection.PIXEL_SIZE_MISMATCH
        )
    return CodestreamHeader(
        description.rows, description.columns, 1, description.bits_allocated, is_signed=False
    )


def _check_end(codestream: bytes) -> None:
    """Codecs fill in what a cut codestream lacks, and the picture would be silently wrong.

    Both padding bytes are met behind the end marker.
    """
    if not codestream[-1024:].rstrip(b"\0\xff").endswith(_END):
        raise RejectedInstance("the codestream is cut off", code=Rejection.DECODE_FAILED)


def _check_agreement(header: CodestreamHeader, description: PixelDescription) -> None:
    agrees = (
        header.rows == description.rows
        and header.columns == description.columns
        and header.components == 1
        and 1 < header.precision <= min(description.bits_allocated, MAXIMUM_PRECISION)
    )
    if not agrees:
        raise RejectedInstance(
            "the codestream is not of the size the header says",
            code=Rejection.PIXEL_SIZE_MISMATCH,
        )
