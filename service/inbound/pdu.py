"""Bounds on a PDU that are checked before it is taken apart (PS3.8 section 9.3).

Taking one apart costs some 65 microseconds an item under the interpreter's lock: 2 MB of empty
sub-items would hold up everybody else for 23 seconds.
"""

from collections.abc import Iterator
from struct import Struct

A_ASSOCIATE_RQ = 0x01
P_DATA_TF = 0x04
MAXIMUM_ASSOCIATION_ITEMS = 4_096
"""128 presentation contexts, the most there can be, with 30 transfer syntaxes each."""
MAXIMUM_VALUES = 64
"""Presentation data values per P-DATA-TF; real senders put one or two into it."""

_ITEM = Struct(">BxH")
_PDV = Struct(">L")
_VARIABLE_ITEMS_AT = 68
_PRESENTATION_CONTEXT = 0x20
_CONTEXT_HEAD = 8
_USER_INFORMATION = 0x50


def check_length(length: int, maximum: int) -> None:
    """Raise OSError when a PDU's length field asks for more than `maximum` bytes."""
    if length > maximum:
        raise OSError("pdu_too_long")


def check_items(pdu_type: int, body: bytes | bytearray) -> None:
    """Raise OSError when the body of a PDU holds more items than any real one."""
    if pdu_type == A_ASSOCIATE_RQ:
        offsets, maximum = _association_items(body), MAXIMUM_ASSOCIATION_ITEMS
    elif pdu_type == P_DATA_TF:
        offsets, maximum = _values(body), MAXIMUM_VALUES
    else:
        return
    if any(number >= maximum for number, _ in enumerate(offsets)):
        raise OSError("pdu_too_many_items")


def _values(body: bytes | bytearray) -> Iterator[int]:
    """Yield the offset of each presentation data value."""
    offset = 0
    while offset + _PDV.size <= len(body):
        yield offset
        offset += _PDV.size + _PDV.unpack_from(body, offset)[0]


def _association_items(body: bytes | bytearray) -> Iterator[int]:
    """Yield the offset of each item and sub-item; those that hold others are entered."""
    offset = _VARIABLE_ITEMS_AT
    while offset + _ITEM.size <= len(body):
        yield offset
        kind, length = _ITEM.unpack_from(body, offset)
        if kind == _PRESENTATION_CONTEXT:
            offset += _CONTEXT_HEAD
        elif kind == _USER_INFORMATION:
            offset += _ITEM.size
        else:
            offset += _ITEM.size + length
