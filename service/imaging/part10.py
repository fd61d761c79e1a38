"""A Part 10 file taken apart within limits: its header, and where its pixels lie."""

import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from pydicom import Dataset, uid
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.filereader import read_dataset, read_preamble, read_sequence
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from service.errors import RejectedInstance
from service.imaging.attributes import CONVERSION_ERRORS
from service.imaging.bounded_stream import BoundedStream, BudgetSpent, ReadBudget
from service.imaging.limits import DecodeLimits
from service.imaging.reasons import Rejection
from service.imaging.transfer_syntaxes import READABLE_TRANSFER_SYNTAXES

UNDEFINED_LENGTH = 0xFFFFFFFF
_PIXEL_DATA_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
# A data set without prefix begins with file meta or with group 8, in either byte order.
_FIRST_GROUPS = frozenset({0x0002, 0x0008, 0x0800})
_LOWEST_SWAPPED_GROUP = 0x0400


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the value of the pixel data element lies. Encapsulated when `length` is None."""

    tag: int
    vr: str | None
    offset: int
    length: int | None


@dataclass(frozen=True, slots=True)
class Part10File:
    """A header without pixel data, the transfer syntax, and the pixel data's place, if any."""

    header: Dataset
    transfer_syntax_uid: str
    pixel_element: PixelElement | None
    size_bytes: int


def open_part10(path: Path, limits: DecodeLimits) -> Part10File:
    """Return the parts of the file; preamble and file meta information may be missing.

    Raises RejectedInstance: too_large, not_dicom, malformed, too_complex, truncated,
    unsupported_transfer_syntax.
    """
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > limits.file_bytes:
            raise RejectedInstance("the file is too large", code=Rejection.TOO_LARGE)
        budget = ReadBudget(limits.header_reads, limits.header_bytes)
        try:
            return _read(stream, size, budget)
        except (*CONVERSION_ERRORS, BudgetSpent) as error:
            raise _translated(error, budget) from error


def _translated(error: Exception, budget: ReadBudget) -> Exception:
    """Return `error` as ours. pydicom turns whatever stops it in a sequence into OSError."""
    if isinstance(error, OSError) and error.errno is not None:
        return error
    if isinstance(error, RecursionError) or budget.reads < 0 or budget.size_bytes < 0:
        return RejectedInstance("the header is too complex", code=Rejection.TOO_COMPLEX)
    return RejectedInstance("the header cannot be parsed", code=Rejection.MALFORMED)


def _read(stream: BinaryIO, size: int, budget: ReadBudget) -> Part10File:
    bounded = cast(BinaryIO, BoundedStream(stream, size, budget))
    meta = _file_meta(bounded)
    transfer_syntax_uid = _transfer_syntax(meta, bounded)
    header, pixel_element = _header(bounded, transfer_syntax_uid)
    _check_complete(header, pixel_element, size)
    _charge_sequences(header, budget)
    header.file_meta = meta
    return Part10File(header, transfer_syntax_uid, pixel_element, size)


def _file_meta(stream: BinaryIO) -> FileMetaDataset:
    preamble = read_preamble(stream, force=True)
    first_group = int.from_bytes(_peek(stream, 2), "little")
    if preamble is None and first_group not in _FIRST_GROUPS:
        raise RejectedInstance("neither a DICOM prefix nor a data set", code=Rejection.NOT_DICOM)
    if first_group != 0x0002:  # noqa: PLR2004 - the group of file meta information
        return FileMetaDataset()
    return FileMetaDataset(
        read_dataset(
            stream,
            is_implicit_VR=False,
            is_little_endian=True,
            stop_when=lambda tag, _vr, _length: tag.group != 0x0002,  # noqa: PLR2004
        )
    )


def _transfer_syntax(meta: Dataset, stream: BinaryIO) -> str:
    """Return the transfer syntax that is stated, or else how the data set looks."""
    stated = meta.get("TransferSyntaxUID")
    found = str(stated) if stated else _guessed_transfer_syntax(_peek(stream, 6))
    if found not in READABLE_TRANSFER_SYNTAXES:
        raise RejectedInstance(
            "this transfer syntax is not read", code=Rejection.UNSUPPORTED_TRANSFER_SYNTAX
        )
    return found


def _guessed_transfer_syntax(head: bytes) -> str:
    if not (head[4:6].isalpha() and head[4:6].isupper()):
        return uid.ImplicitVRLittleEndian
    if int.from_bytes(head[:2], "little") >= _LOWEST_SWAPPED_GROUP:
        return uid.ExplicitVRBigEndian
    return uid.ExplicitVRLittleEndian


def _header(stream: BinaryIO, transfer_syntax_uid: str) -> tuple[Dataset, PixelElement | None]:
    found: list[PixelElement] = []

    def at_pixel_data(tag: BaseTag, vr: str | None, length: int) -> bool:
        if tag not in _PIXEL_DATA_TAGS:
            return False
        defined = None if length == UNDEFINED_LENGTH else length
        found.append(PixelElement(int(tag), vr, stream.tell(), defined))
        return True

    header = read_dataset(
        stream,
        is_implicit_VR=transfer_syntax_uid == uid.ImplicitVRLittleEndian,
        is_little_endian=transfer_syntax_uid != uid.ExplicitVRBigEndian,
        stop_when=at_pixel_data,
    )
    return header, found[-1] if found else None


def _check_complete(header: Dataset, pixel_element: PixelElement | None, size: int) -> None:
    """Raise RejectedInstance(truncated) when an element is shorter than it says."""
    for element in header.values():
        if isinstance(element, RawDataElement) and _is_short(element):
            raise RejectedInstance("an element is cut off", code=Rejection.TRUNCATED)
    length = (pixel_element and pixel_element.length) or 0
    if pixel_element is not None and pixel_element.offset + length > size:
        raise RejectedInstance("the pixel data is cut off", code=Rejection.TRUNCATED)


def _is_short(element: RawDataElement) -> bool:
    return element.length != UNDEFINED_LENGTH and len(element.value or b"") < element.length


def _charge_sequences(header: Dataset, budget: ReadBudget) -> None:
    """Charge sequences of defined length, which pydicom would parse unbounded when asked for."""
    for element in header.values():
        if isinstance(element, RawDataElement):
            parsed = _parsed(element, budget) if _is_sequence(element) else ()
        else:
            parsed = element.value if element.VR == "SQ" else ()
        for item in parsed:
            _charge_sequences(item, budget)


def _parsed(element: RawDataElement, budget: ReadBudget) -> Sequence:
    encoded = element.value or b""
    return read_sequence(
        cast(BinaryIO, BoundedStream(BytesIO(encoded), len(encoded), budget)),
        element.is_implicit_VR or element.VR == "UN",
        element.is_little_endian,
        len(encoded),
        "iso8859",
    )


def _is_sequence(element: RawDataElement) -> bool:
    """Return whether pydicom takes it for a sequence: by its VR, else by the dictionary's."""
    if element.VR not in (None, "UN"):
        return element.VR == "SQ"
    try:
        return dictionary_VR(element.tag) == "SQ"
    except KeyError:
        return False


def _peek(stream: BinaryIO, size: int) -> bytes:
    position = stream.tell()
    found = stream.read(size)
    stream.seek(position)
    return found
