"""Frames as Pixel Data holds them: packed bits, whole bytes, run-length or JPEG-LS encoded.

highdicom and pydicom encode frame after frame through Python loops; a mask is mostly nothing, and
that is where the time is saved. What is written is the same, and a test compares it.
"""

from collections.abc import Callable, Iterable, Sequence
from struct import pack

import numpy as np
from highdicom.frame import encode_frame
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless, RLELossless
from rle.rle import encode_row

from service.encoders.segments import Mask

Bytes = NDArray[np.uint8]
_BITS = 8
_HEADER_BYTES = 64


def packed_bits(masks: Sequence[Mask]) -> bytes:
    """Return single-bit frames, each beginning at the bit where the last one ends (PS3.5 8.1.1).

    The first pixel is the lowest bit; the whole is filled to an even number of bytes.
    """
    size = masks[0].size
    packed = np.zeros((len(masks) * size + _BITS - 1) // _BITS, np.uint8)
    for index, mask in enumerate(masks):
        byte, bit = divmod(index * size, _BITS)
        pixels = mask.reshape(-1)
        if bit:
            pixels = np.concatenate((np.zeros(bit, np.bool_), pixels))
        part = np.packbits(pixels, bitorder="little")
        packed[byte : byte + part.size] |= part
    return _even(packed.tobytes())


def pixel_data(frames: Iterable[Bytes], transfer_syntax_uid: str) -> bytes:
    """Return 8-bit frames, uint8 (rows, columns) each, as Pixel Data of this transfer syntax.

    Raises ValueError for a transfer syntax that is not one of `TRANSFER_SYNTAXES`.
    """
    if transfer_syntax_uid == ExplicitVRLittleEndian:
        return _even(b"".join(frame.tobytes() for frame in frames))
    if transfer_syntax_uid not in _ENCODERS:
        raise ValueError(f"no 8-bit segmentation is written in {transfer_syntax_uid}")
    encoder = _ENCODERS[transfer_syntax_uid]
    return encapsulate([encoder(frame) for frame in frames])


def run_length_encoded(frame: Bytes) -> bytes:
    """Return the frame as RLE Lossless has it (PS3.5 annex G): one segment, row by row."""
    blank = encode_row(bytes(frame.shape[1]))
    filled = np.asarray(frame.any(axis=1)).tolist()
    rows = [
        encode_row(row.tobytes()) if has else blank for row, has in zip(frame, filled, strict=True)
    ]
    header = pack("<2L", 1, _HEADER_BYTES).ljust(_HEADER_BYTES, b"\0")
    return _even(header + b"".join(rows))


def jpeg_ls_encoded(frame: Bytes) -> bytes:
    """Return the frame as JPEG-LS Lossless has it."""
    return bytes(
        encode_frame(
            frame,
            JPEGLSLossless,
            bits_allocated=_BITS,
            bits_stored=_BITS,
            photometric_interpretation="MONOCHROME2",
            pixel_representation=0,
        )
    )


def _even(content: bytes) -> bytes:
    return content + b"\0" if len(content) % 2 else content


_ENCODERS: dict[str, Callable[[Bytes], bytes]] = {
    RLELossless: run_length_encoded,
    JPEGLSLossless: jpeg_ls_encoded,
}
TRANSFER_SYNTAXES = (ExplicitVRLittleEndian, *_ENCODERS)
"""What an 8-bit segmentation may be written in."""
