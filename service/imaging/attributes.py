"""Attributes as plain values: pydicom converts lazily, so a bad value raises where it is read."""

import math
import struct
from collections.abc import Iterable

from pydicom import Dataset, config
from pydicom.errors import BytesLengthException
from pydicom.multival import MultiValue

from service.errors import RejectedInstance
from service.imaging.reasons import Rejection

# pydicom's warnings quote the value they complain of, which may name a patient.
config.settings.reading_validation_mode = config.IGNORE

# What pydicom raises on bytes that are not what their VR promises.
CONVERSION_ERRORS = (
    ArithmeticError,
    AttributeError,
    BytesLengthException,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)


def value(header: Dataset, keyword: str) -> object:
    """Return what pydicom makes of the value; None when it is absent, empty or unreadable."""
    try:
        found: object = header.get(keyword)
    except CONVERSION_ERRORS:
        return None
    return None if found == "" or (isinstance(found, MultiValue) and not found) else found


def texts(header: Dataset, keyword: str) -> tuple[str, ...]:
    """Return the values as upper-case text without padding; () when absent or unreadable."""
    found = value(header, keyword)
    return tuple(str(each).strip(" \0").upper() for each in _as_list(found))


def text(header: Dataset, keyword: str) -> str:
    """Return the first value as upper-case text, "" when absent or unreadable."""
    return next(iter(texts(header, keyword)), "")


def numbers(header: Dataset, keyword: str) -> tuple[float, ...]:
    """Return the values as floats, NaN for each that is none; () when absent or unreadable."""
    return tuple(_as_float(each) for each in _as_list(value(header, keyword)))


def number(header: Dataset, keyword: str) -> float:
    """Return the first value as a float, NaN when absent or unreadable."""
    return next(iter(numbers(header, keyword)), math.nan)


def items(header: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """Return the items of a sequence; () when absent, empty or unreadable."""
    return tuple(each for each in _as_list(value(header, keyword)) if isinstance(each, Dataset))


def whole_number(header: Dataset, keyword: str, lowest: int, highest: int) -> int:
    """Return the one value of a US attribute.

    Raises RejectedInstance: missing_attribute; invalid_attribute when it has another VR or
    multiplicity or lies outside `lowest` to `highest`.
    """
    if keyword not in header:
        raise RejectedInstance(f"{keyword} is missing", code=Rejection.MISSING_ATTRIBUTE)
    found = value(header, keyword)
    if not isinstance(found, int) or header[keyword].VR != "US" or not lowest <= found <= highest:
        raise RejectedInstance(f"{keyword} is out of range", code=Rejection.INVALID_ATTRIBUTE)
    return found


def _as_list(found: object) -> tuple[object, ...]:
    if found is None:
        return ()
    if isinstance(found, Iterable) and not isinstance(found, str | bytes | Dataset):
        return tuple(found)
    return (found,)


def _as_float(found: object) -> float:
    try:
        return float(str(found))
    except ValueError:
        return math.nan
