"""Walk over the elements of an encoded data set without building anything from it.

pydicom is made for files that are meant well: small hostile ones cost it minutes or gigabytes.
This reader keeps no values, follows no recursion, and stops at fixed budgets. Where files break
the standard in ways that are met, it reads them as pydicom does, so that both see one data set.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO, NoReturn

from service.errors import RejectedInstance

MAXIMUM_ELEMENTS = 20_000
MAXIMUM_DEPTH = 64
UNDEFINED_LENGTH = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_DELIMITER_GROUP = 0xFFFE
_LONG_FORM = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())


@dataclass(frozen=True, slots=True)
class Encoding:
    """How elements are written; `explicit` says whether each names its VR."""

    explicit: bool
    little_endian: bool = True

    def struct(self, fields: str) -> Struct:
        """Return the fields in this byte order."""
        return Struct(("<" if self.little_endian else ">") + fields)


IMPLICIT_LITTLE_ENDIAN = Encoding(explicit=False)
EXPLICIT_LITTLE_ENDIAN = Encoding(explicit=True)


@dataclass(frozen=True, slots=True)
class Element:
    """One element's head, at `offset`. `length` may be UNDEFINED_LENGTH."""

    offset: int
    tag: int
    vr: bytes
    length: int
    value_at: int

    @property
    def group(self) -> int:
        """Return the tag's group number."""
        return self.tag >> 16

    @property
    def opens_items(self) -> bool:
        """Return whether items follow up to a delimiter."""
        return self.length == UNDEFINED_LENGTH


class Scanner:
    """Reads element heads from a seekable stream of `size` bytes, within budgets for the whole.

    Raises RejectedInstance: `truncated` where a length leads beyond the end, `not_dicom` where
    the structure is impossible, `too_complex` when a budget is used up.
    """

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self._size = size
        self._elements_left = MAXIMUM_ELEMENTS

    def top_level(self, offset: int, encoding: Encoding) -> Iterator[Element]:
        """Yield the elements from `offset` to the end, passing over what they contain."""
        while offset < self._size:
            element = self._element(offset, encoding)
            yield element
            offset = self._end(element, encoding)

    def value(self, element: Element) -> bytes:
        """Return the value of an element of defined length; the caller bounds the length."""
        self._stream.seek(element.value_at)
        return self._read(element.length)

    def peek(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes at `offset`."""
        self._stream.seek(offset)
        return self._stream.read(count)

    def _end(self, element: Element, encoding: Encoding) -> int:
        """Return the offset behind `element`."""
        if element.opens_items:
            return self._end_of_items(element, encoding)
        end = element.value_at + element.length
        if end > self._size:
            _reject("truncated", "an element leads beyond the end of the data")
        return end

    def _end_of_items(self, opener: Element, encoding: Encoding) -> int:
        """Return the offset behind the delimiter that closes `opener`, however deep it nests."""
        closers = [(SEQUENCE_END, _inside(opener, encoding))]
        offset = opener.value_at
        while closers:
            closer, encoding = closers[-1]
            element = self._element(offset, encoding)
            offset = element.value_at
            if element.tag == closer:
                closers.pop()
            elif (closer == SEQUENCE_END) != (element.tag == ITEM):
                _reject("not_dicom", "items and elements are mixed")
            elif element.opens_items:
                inner = ITEM_END if element.tag == ITEM else SEQUENCE_END
                closers.append((inner, _inside(element, encoding)))
            else:
                offset = self._end(element, encoding)
            if len(closers) > MAXIMUM_DEPTH:
                _reject("too_complex", "sequences nest too deeply")
        return offset

    def _element(self, offset: int, encoding: Encoding) -> Element:
        self._elements_left -= 1
        if self._elements_left < 0:
            _reject("too_complex", "the header has too many elements")
        self._stream.seek(offset)
        head = self._read(8)
        group, number, length = encoding.struct("HHL").unpack(head)
        tag, vr = group << 16 | number, b""
        value_at = offset + 8
        # A head without two capitals where its VR should stand was written implicitly; some
        # writers switch within a sequence.
        if encoding.explicit and group != _DELIMITER_GROUP and _is_vr(head[4:6]):
            vr = head[4:6]
            length = encoding.struct("H").unpack(head[6:])[0]
            if vr in _LONG_FORM:
                length = encoding.struct("L").unpack(self._read(4))[0]
                value_at += 4
        return Element(offset, tag, vr, length, value_at)

    def _read(self, count: int) -> bytes:
        found = self._stream.read(count)
        if len(found) < count:
            _reject("truncated", "the data ends within an element")
        return found


def looks_explicit(head: bytes) -> bool:
    """Return whether the first 8 bytes of a data set name a VR."""
    return _is_vr(head[4:6])


def _is_vr(letters: bytes) -> bool:
    return len(letters) == 2 and letters.isalpha() and letters.isupper()  # noqa: PLR2004 - a VR


def _inside(opener: Element, encoding: Encoding) -> Encoding:
    """Return how the items are written: implicitly below UN (PS3.5 section 6.2.2, note 4)."""
    return IMPLICIT_LITTLE_ENDIAN if opener.vr == b"UN" else encoding


def _reject(code: str, text: str) -> NoReturn:
    raise RejectedInstance(text, code=code)
