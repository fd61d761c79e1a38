"""Whose film it is and when it was taken, as its header says.

Two films are of the same patient when Patient ID and issuer are the same, all of it: Issuer of
Patient ID, and the universal entity of Issuer of Patient ID Qualifiers Sequence. A film that names
no issuer belongs to the issuer `""`, which is one like any other: it does not match a film that
names one. A wrong "same patient" would harm, a missed one only misses a comparison.
"""

import hmac
import re
import unicodedata
from datetime import datetime

from pydicom import Dataset
from pydicom.multival import MultiValue

from service.domain.film import Film
from service.domain.image import ViewPosition
from service.imaging.attributes import items, text, value

_SEPARATOR = "\x1f"
_NOBODY = frozenset(
    {"", "0", "ANON", "ANONYMOUS", "ANONYMIZED", "ANONYMISED", "NONE", "N/A", "NA", "TEST"}
    | {"UNKNOWN", "UNIDENTIFIED"}
)
"""What stands in Patient ID when nobody knows, or may know, who it is."""

_DATES = (
    ("AcquisitionDate", "AcquisitionTime"),
    ("ContentDate", "ContentTime"),
    ("SeriesDate", "SeriesTime"),
    ("StudyDate", "StudyTime"),
)
_DIGITS = re.compile(r"(\d{8})(\d{2,12})?")
_LIKE_EVERYWHERE = ("PatientBirthDate", "PatientSex")


def film_of(header: Dataset, view: ViewPosition, key: bytes) -> Film:
    """Return what the film is found again by; nothing of the header can be read out of it."""
    return Film(patient_hash(header, key), acquired(header), view)


def patient_hash(header: Dataset, key: bytes) -> str | None:
    """Return HMAC-SHA-256 of issuer and Patient ID, hexadecimal; None when nobody is named."""
    patient_id = plain_text(header, "PatientID")
    if patient_id.upper() in _NOBODY:
        return None
    message = _SEPARATOR.join((*issuer(header), patient_id))
    return hmac.new(key, message.encode(), "sha256").hexdigest()


def issuer(header: Dataset) -> tuple[str, str, str]:
    """Return Issuer of Patient ID, Universal Entity ID and its type, each "" when absent."""
    qualifiers = items(header, "IssuerOfPatientIDQualifiersSequence")
    universal = qualifiers[0] if qualifiers else Dataset()
    return (
        plain_text(header, "IssuerOfPatientID"),
        plain_text(universal, "UniversalEntityID"),
        plain_text(universal, "UniversalEntityIDType"),
    )


def plain_text(header: Dataset, keyword: str) -> str:
    """Return one value without padding, in Unicode's composed form; "" unless it is just one."""
    found = value(header, keyword)
    if found is None or isinstance(found, MultiValue):
        return ""
    return unicodedata.normalize("NFC", str(found).strip(" \0"))


def acquired(header: Dataset) -> str | None:
    """Return when it was taken, see `Film`; the first of the dates that is one."""
    whole = _moment(plain_text(header, "AcquisitionDateTime").split("+")[0].split("-")[0])
    if whole is not None:
        return whole
    for date_keyword, time_keyword in _DATES:
        date = _moment(plain_text(header, date_keyword).replace(".", ""))
        if date is not None:
            return _moment(date + plain_text(header, time_keyword).replace(":", "")) or date
    return None


def contradicts(one: Dataset, other: Dataset) -> bool:
    """Return whether the headers cannot be of one person: another birth date or another sex.

    An ID that was reused or mistyped is noticed so. What is not given contradicts nothing.
    """
    pairs = ((text(one, keyword), text(other, keyword)) for keyword in _LIKE_EVERYWHERE)
    return any(mine and theirs and mine != theirs for mine, theirs in pairs)


def _moment(digits: str) -> str | None:
    """Return the digits of a date, or of a date and time; None when they are none."""
    found = _DIGITS.fullmatch(digits.replace(".", ""))
    if found is None:
        return None
    try:
        datetime.strptime(found[1], "%Y%m%d")  # noqa: DTZ007 - only whether there is such a day
    except ValueError:
        return None
    return found[0]
