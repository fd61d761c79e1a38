"""Which instance a file holds, read from its header alone and safe on any bytes whatever."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from service.domain.identifiers import (
    MAXIMUM_UID_LENGTH,
    InstanceReference,
    SeriesInstanceUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID,
    checked_uid,
)
from service.domain.instance import ReceivedInstance
from service.errors import RejectedInstance
from service.inbound.scan import (
    EXPLICIT_LITTLE_ENDIAN,
    IMPLICIT_LITTLE_ENDIAN,
    Element,
    Encoding,
    Scanner,
    looks_explicit,
)

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
EXPLICIT_VR_BIG_ENDIAN = "1.2.840.10008.1.2.2"
DEFLATED = ("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.8.1")

_TRANSFER_SYNTAX = 0x00020010
_WANTED = {
    0x00080016: "SOPClassUID",
    0x00080018: "SOPInstanceUID",
    0x0020000D: "StudyInstanceUID",
    0x0020000E: "SeriesInstanceUID",
}
_META_GROUP = 0x0002
_FIRST_GROUPS = (_META_GROUP, 0x0008, 0x0800)
"""How a file without preamble begins: file meta, or group 8 in either byte order."""
_LOWEST_SWAPPED_GROUP = 0x0400
_PREAMBLE_LENGTH = 128
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says. The data set begins at `data_set_offset`.

    is_part10: whether preamble and prefix are there; some files begin with the data set at once.
    """

    reference: InstanceReference
    transfer_syntax_uid: str
    data_set_offset: int
    is_part10: bool


@dataclass(frozen=True, slots=True)
class Identified:
    """An instance as a file: its header, and the hash of its data set's bytes.

    `content_sha256` leaves out preamble and file meta, which every sender writes anew.
    """

    path: Path
    header: Header
    content_sha256: str
    size_bytes: int

    @property
    def reference(self) -> InstanceReference:
        """Return which SOP Instance this is."""
        return self.header.reference

    @property
    def transfer_syntax_uid(self) -> str:
        """Return how the data set is encoded."""
        return self.header.transfer_syntax_uid


def identify(path: Path) -> Identified:
    """Return which instance the file holds: Part 10, or a bare data set (then syntax is guessed).

    Raises RejectedInstance with code not_dicom, truncated, invalid_uid, missing_attribute,
    unsupported_transfer_syntax (deflated: it cannot be bounded) or too_complex.
    """
    with path.open("rb") as stream:
        header = read_identifiers(stream)
        digest = hashlib.sha256()
        stream.seek(header.data_set_offset)
        for chunk in iter(lambda: stream.read(_CHUNK), b""):
            digest.update(chunk)
        return Identified(path, header, digest.hexdigest(), os.fstat(stream.fileno()).st_size)


def received_file(path: Path, source: str, received_at: datetime) -> ReceivedInstance:
    """Return a complete file as an instance to accept; raises RejectedInstance as `identify`."""
    identified = identify(path)
    return ReceivedInstance(
        reference=identified.reference,
        transfer_syntax_uid=identified.transfer_syntax_uid,
        temporary_path=path,
        content_sha256=identified.content_sha256,
        size_bytes=identified.size_bytes,
        source=source,
        received_at=received_at,
    )


def read_identifiers(stream: BinaryIO) -> Header:
    """Return the identifiers of a seekable stream; reads no further than it must."""
    scanner = Scanner(stream, stream.seek(0, os.SEEK_END))
    is_part10 = scanner.peek(_PREAMBLE_LENGTH, 4) == b"DICM"
    start = _PREAMBLE_LENGTH + 4 if is_part10 else 0
    stated, offset = _file_meta(scanner, start, is_part10=is_part10)
    transfer_syntax_uid, encoding = _encoding(stated, scanner.peek(offset, 8))
    reference = _reference(scanner, scanner.top_level(offset, encoding))
    return Header(reference, transfer_syntax_uid, offset, is_part10)


def _file_meta(scanner: Scanner, start: int, *, is_part10: bool) -> tuple[str | None, int]:
    """Return the stated transfer syntax, None without one, and where the data set begins."""
    first_group = int.from_bytes(scanner.peek(start, 2), "little")
    if not is_part10 and first_group not in _FIRST_GROUPS:
        raise RejectedInstance("neither a DICOM prefix nor a data set", code="not_dicom")
    stated = None
    for element in scanner.top_level(start, EXPLICIT_LITTLE_ENDIAN):
        if element.group != _META_GROUP:
            return stated, element.offset
        if element.tag == _TRANSFER_SYNTAX:
            stated = _uid(scanner, element, "TransferSyntaxUID")
    raise RejectedInstance("there is no data set", code="truncated")


def _encoding(stated: str | None, head: bytes) -> tuple[str, Encoding]:
    """Return the transfer syntax, guessed when not stated, and how elements really look."""
    if stated in DEFLATED:
        raise RejectedInstance(
            "deflated data sets are not read", code="unsupported_transfer_syntax"
        )
    explicit = looks_explicit(head)
    swapped = explicit and int.from_bytes(head[:2], "little") >= _LOWEST_SWAPPED_GROUP
    if stated == EXPLICIT_VR_BIG_ENDIAN or (stated is None and swapped):
        return EXPLICIT_VR_BIG_ENDIAN, Encoding(explicit=explicit, little_endian=False)
    guessed = EXPLICIT_VR_LITTLE_ENDIAN if explicit else IMPLICIT_VR_LITTLE_ENDIAN
    encoding = EXPLICIT_LITTLE_ENDIAN if explicit else IMPLICIT_LITTLE_ENDIAN
    return stated or guessed, encoding


def _reference(scanner: Scanner, elements: Iterator[Element]) -> InstanceReference:
    found: dict[str, str] = {}
    for element in elements:
        keyword = _WANTED.get(element.tag)
        if keyword is not None:
            found[keyword] = _uid(scanner, element, keyword)
            if len(found) == len(_WANTED):
                break
    missing = ", ".join(keyword for keyword in _WANTED.values() if keyword not in found)
    if missing:
        raise RejectedInstance(f"missing: {missing}", code="missing_attribute")
    return InstanceReference(
        StudyInstanceUID(found["StudyInstanceUID"]),
        SeriesInstanceUID(found["SeriesInstanceUID"]),
        SOPInstanceUID(found["SOPInstanceUID"]),
        SOPClassUID(found["SOPClassUID"]),
    )


def _uid(scanner: Scanner, element: Element, keyword: str) -> str:
    if element.length == 0:
        raise RejectedInstance(f"{keyword} is empty", code="missing_attribute")
    if element.length > MAXIMUM_UID_LENGTH + 1:
        raise RejectedInstance(f"{keyword} is longer than a UID", code="invalid_uid")
    # Some writers pad UIDs with a space like text; every reader forgives it.
    text = scanner.value(element).decode("ascii", errors="replace").removesuffix(" ")
    return checked_uid(text, keyword)
