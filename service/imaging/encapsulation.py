"""The one frame of encapsulated pixel data, put together from its fragments (PS3.5 A.4)."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from service.errors import RejectedInstance
from service.imaging.part10 import PixelElement
from service.imaging.reasons import Rejection

_ITEM = 0xFFFEE000
_SEQUENCE_DELIMITER = 0xFFFEE0DD
_MAXIMUM_FRAGMENTS = 100_000


def read_codestream(stream: BinaryIO, element: PixelElement, file_size: int) -> bytes:
    """Return the fragments joined. The first item is the offset table, which one frame needs not.

    Raises RejectedInstance: decode_failed when the data are not encapsulated, truncated when
    the file ends before the delimiter.
    """
    if element.length is not None:
        raise RejectedInstance("PixelData is not encapsulated", code=Rejection.DECODE_FAILED)
    stream.seek(element.offset)
    fragments = list(_items(stream, file_size))[1:]
    if not fragments:
        raise RejectedInstance("PixelData has no fragment", code=Rejection.NO_PIXEL_DATA)
    return b"".join(fragments)


def _items(stream: BinaryIO, file_size: int) -> Iterator[bytes]:
    for _ in range(_MAXIMUM_FRAGMENTS):
        head = stream.read(8)
        if len(head) < 8:  # noqa: PLR2004 - tag and length
            raise _truncated()
        group, number, length = struct.unpack("<HHL", head)
        tag = group << 16 | number
        if tag == _SEQUENCE_DELIMITER:
            return
        if tag != _ITEM:
            raise RejectedInstance("PixelData has no item", code=Rejection.DECODE_FAILED)
        if stream.tell() + length > file_size:
            raise _truncated()
        yield stream.read(length)
    raise RejectedInstance("PixelData has too many fragments", code=Rejection.TOO_COMPLEX)


def _truncated() -> RejectedInstance:
    return RejectedInstance("the pixel data is cut off", code=Rejection.TRUNCATED)
