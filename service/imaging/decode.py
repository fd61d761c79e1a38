"""Pixel data to stored values: plain data are sliced here, codecs run in a child that may die."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from service.errors import OutOfResources, RejectedInstance
from service.imaging import decode_child
from service.imaging.codestream import CodestreamHeader, checked_codestream
from service.imaging.encapsulation import read_codestream
from service.imaging.limits import DecodeLimits
from service.imaging.part10 import Part10File, PixelElement
from service.imaging.pixel_description import PixelDescription, check_size
from service.imaging.reasons import Rejection
from service.imaging.transfer_syntaxes import CODECS, NATIVE, Codec

StoredValues = NDArray[np.integer[Any]]
_PIXEL_DATA = 0x7FE00010
_EXPLICIT_BIG_ENDIAN = "1.2.840.10008.1.2.2"


def stored_values(
    path: Path, file: Part10File, description: PixelDescription, limits: DecodeLimits
) -> StoredValues:
    """Return the stored values, integer (rows, columns), sign extended, without overlay bits.

    Raises RejectedInstance: no_pixel_data, pixel_size_mismatch, too_large, truncated,
    decode_failed, decode_timeout; OutOfResources when no child can be started or let run.
    """
    element = pixel_data_of(file)
    if file.transfer_syntax_uid in NATIVE:
        _check_native_size(element, description)
        check_size(description, limits)
        return _native_values(path, file.transfer_syntax_uid, element, description)
    check_size(description, limits)
    with path.open("rb") as stream:
        codestream = read_codestream(stream, element, file.size_bytes)
    return _decoded_values(CODECS[file.transfer_syntax_uid], codestream, description, limits)


def pixel_data_of(file: Part10File) -> PixelElement:
    """Return where PixelData lies; raises RejectedInstance(no_pixel_data) when there is none."""
    element = file.pixel_element
    if element is None or element.length == 0 or element.tag != _PIXEL_DATA:
        raise RejectedInstance("there is no pixel data", code=Rejection.NO_PIXEL_DATA)
    return element


def _check_native_size(element: PixelElement, description: PixelDescription) -> None:
    """Compare the element's length with the picture's.

    Less than a row or a column too much is padding: no other Rows or Columns would explain it.
    """
    surplus = (element.length or 0) - description.size_bytes
    shortest_line = min(description.rows, description.columns) * description.bits_allocated // 8
    is_padding = 0 <= surplus < max(shortest_line, 2)
    if not is_padding:
        raise RejectedInstance(
            "PixelData is not as long as Rows, Columns and BitsAllocated say",
            code=Rejection.PIXEL_SIZE_MISMATCH,
        )


def _decoded_values(
    codec: Codec, codestream: bytes, description: PixelDescription, limits: DecodeLimits
) -> StoredValues:
    header = checked_codestream(codec, codestream, description)
    samples = _decoded(codec, codestream, header, limits)
    if codec is Codec.RLE:
        return _from_cells(samples, description)
    return _with_sign(samples, header.precision, is_signed=description.is_signed)


def _native_values(
    path: Path, transfer_syntax_uid: str, element: PixelElement, description: PixelDescription
) -> StoredValues:
    is_big_endian = transfer_syntax_uid == _EXPLICIT_BIG_ENDIAN
    raw = np.fromfile(path, np.uint8, element.length or 0, offset=element.offset)
    if is_big_endian and element.vr == "OW" and description.bits_allocated == 8:  # noqa: PLR2004
        raw = raw.view(np.uint16).byteswap().view(np.uint8)  # 8-bit pixels in swapped words
    order = ">" if is_big_endian else "<"
    words = raw[: description.size_bytes].view(f"{order}u{description.bits_allocated // 8}")
    cells = words.astype(words.dtype.newbyteorder("="), copy=False)
    return _from_cells(cells.reshape(description.rows, description.columns), description)


def _from_cells(cells: StoredValues, description: PixelDescription) -> StoredValues:
    """Return the values out of their cells of BitsAllocated bits (PS3.5 section 8.1.1)."""
    shifted = cells >> (description.high_bit + 1 - description.bits_stored)
    return _with_sign(shifted, description.bits_stored, is_signed=description.is_signed)


def _with_sign(values: StoredValues, bits: int, *, is_signed: bool) -> StoredValues:
    """Return the lowest `bits` bits, as two's complement when signed.

    What lies above them may be overlays; a codec may have taken signed values for unsigned.
    """
    unsigned = values.view(f"u{values.itemsize}") & ((1 << bits) - 1)
    if not is_signed:
        return unsigned
    sign = 1 << (bits - 1)
    return (unsigned.astype(np.int32) ^ sign) - sign


def _decoded(
    codec: Codec, codestream: bytes, header: CodestreamHeader, limits: DecodeLimits
) -> StoredValues:
    with tempfile.TemporaryFile() as output:
        _run_child(codec, codestream, header, limits, output)
        if os.fstat(output.fileno()).st_size != header.size_bytes:
            raise RejectedInstance(
                "the codec gave another picture than announced", code=Rejection.DECODE_FAILED
            )
        output.seek(0)
        size = 1 if header.precision <= 8 else 2  # noqa: PLR2004 - bits per byte
        samples = np.fromfile(output, f"<u{size}")
    return samples.reshape(header.rows, header.columns)


def _run_child(
    codec: Codec,
    codestream: bytes,
    header: CodestreamHeader,
    limits: DecodeLimits,
    output: BinaryIO,
) -> None:
    try:
        child = subprocess.run(  # noqa: S603 - this interpreter, our own file, no value of the sender
            _command(codec, header, limits),
            input=codestream,
            stdout=output,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)},
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        # A codec at work would have used up its processor time first: this machine is overloaded.
        raise OutOfResources("the decoder was not let run in time") from error
    except OSError as error:
        raise OutOfResources("the decoder could not be started") from error
    check_exit(child.returncode)


def _command(codec: Codec, header: CodestreamHeader, limits: DecodeLimits) -> list[str]:
    """Return the command line. -S and -P: `site` costs time and the search path is given."""
    amounts = (
        header.rows * header.columns,
        header.precision,
        header.size_bytes,
        limits.address_space_bytes,
        limits.cpu_seconds,
    )
    script = str(Path(decode_child.__file__))
    return [sys.executable, "-S", "-P", script, codec.value, *map(str, amounts)]


def check_exit(status: int) -> None:
    """Raise what a child's exit status means, nothing for 0.

    Raises RejectedInstance (decode_failed, decode_timeout); OutOfResources when somebody killed
    it: the system does when memory runs out.
    """
    if status == -signal.SIGKILL:
        raise OutOfResources("the decoder was killed from outside")
    if status == -signal.SIGXCPU:
        raise RejectedInstance("decoding took too long", code=Rejection.DECODE_TIMEOUT)
    if status != 0:
        raise RejectedInstance("the codec failed", code=Rejection.DECODE_FAILED)
