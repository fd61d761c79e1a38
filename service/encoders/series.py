"""What every result object says about its series, its dates and its text, whatever its kind."""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import UID

from service import __version__
from service.domain.analysis import Analysis, ObjectKind
from service.encoders.coding import settle_codes
from service.encoders.derived_uids import IMPLEMENTATION_CLASS_UID
from service.encoders.equipment import UNVERIFIED, describe_equipment
from service.encoders.registry import EncodingOptions

_TITLES = {
    ObjectKind.SEG: "Chest anatomy",
    ObjectKind.SR: "Chest measurements",
    ObjectKind.SC: "Chest overlay",
    ObjectKind.GSPS: "Chest outlines and lines",
    ObjectKind.KOS: "Chest results, key objects",
    ObjectKind.PDF: "Chest measurements, one page",
}
# Their series modules know no body part; SR and KOS name the order in Referenced Request.
_DOCUMENTS = frozenset({ObjectKind.SR, ObjectKind.KOS, ObjectKind.PDF})
_NAME_THE_ORDER_THEMSELVES = _DOCUMENTS - {ObjectKind.PDF}
_FIRST_SERIES_NUMBER = 9000
_DATE_SOURCES = (
    ("ContentDate", "ContentTime"),
    ("AcquisitionDate", "AcquisitionTime"),
    ("SeriesDate", "SeriesTime"),
    ("StudyDate", "StudyTime"),
)
# Content Date must have a value and there is no clock in the objects.
_UNKNOWN_DATE, _UNKNOWN_TIME = "19000101", "000000"
_COPIED = ("TimezoneOffsetFromUTC", "StudyDescription")
_OF_THE_MOMENT = (
    "InstanceCreationDate",
    "InstanceCreationTime",
    "DateOfSecondaryCapture",
    "TimeOfSecondaryCapture",
)


def series_description(kind: ObjectKind) -> str:
    """Return SeriesDescription; it says that nobody has looked at the result yet."""
    return f"{_TITLES[kind]} ({UNVERIFIED})"


def series_number(kind: ObjectKind, source: Dataset) -> int:
    """Return a number of its own for each kind and source series: 9000 + 10 x source + its place.

    Only two digits of the source's number are kept; the number must not depend on what else is
    in the study.
    """
    number = int(source.get("SeriesNumber") or 0) % 90
    return _FIRST_SERIES_NUMBER + 10 * number + 1 + list(ObjectKind).index(kind)


def content_date_and_time(source: Dataset) -> tuple[str, str]:
    """Return the date and time of the source's content: its own, else the nearest known one."""
    for date_keyword, time_keyword in _DATE_SOURCES:
        if source.get(date_keyword):
            return str(source.get(date_keyword)), str(source.get(time_keyword) or _UNKNOWN_TIME)
    return _UNKNOWN_DATE, _UNKNOWN_TIME


def complete(
    made: Dataset, kind: ObjectKind, analysis: Analysis, source: Dataset, options: EncodingOptions
) -> Dataset:
    """Return `made` with series, equipment, dates, codes and character set; nothing is random."""
    describe_equipment(made, analysis, options)
    made.SeriesDescription = series_description(kind)
    _set_dates(made, source)
    _copy_context(made, kind, source)
    settle_codes(made, options.code_map)
    _set_character_set(made)
    made.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    made.file_meta.ImplementationVersionName = f"THORAX {__version__}"[:16]
    return made


def _set_dates(made: Dataset, source: Dataset) -> None:
    for keyword in _OF_THE_MOMENT:
        made.pop(keyword, None)
    for item in made.ContributingEquipmentSequence:
        if item.get("Manufacturer") != source.get("Manufacturer"):
            item.pop("ContributionDateTime", None)
    date, time = content_date_and_time(source)
    made.SeriesDate, made.SeriesTime = date, time
    made.ContentDate, made.ContentTime = date, time


def _copy_context(made: Dataset, kind: ObjectKind, source: Dataset) -> None:
    for keyword in _COPIED:
        if source.get(keyword):
            setattr(made, keyword, source.get(keyword))
    if kind not in _DOCUMENTS:
        # Only chests are analysed, and a chest has no laterality; real headers say RIBCAGE, or R.
        made.BodyPartExamined = "CHEST"
    if kind in _NAME_THE_ORDER_THEMSELVES:
        return
    requests = [_filled_part(item) for item in source.get("RequestAttributesSequence", [])]
    if any(requests):
        made.RequestAttributesSequence = requests


def _filled_part(item: Dataset) -> Dataset:
    """Return the item without what is empty: its ids may be absent (Type 1C) but not empty."""
    filled = Dataset()
    for element in item:
        if not element.is_empty:
            filled.add(element)
    return filled


def _set_character_set(made: Dataset) -> None:
    """UTF-8 as soon as one text is not ASCII; none otherwise, for receivers that know no other."""
    if all(text.isascii() for text in _texts(made)):
        made.pop("SpecificCharacterSet", None)
    else:
        made.SpecificCharacterSet = "ISO_IR 192"


def _texts(made: Dataset) -> Iterator[str]:
    for element in made:
        if element.VR == "SQ":
            for item in element.value:
                yield from _texts(item)
        elif element.VR in {"PN", "LO", "SH", "ST", "LT", "UC", "UT"}:
            yield str(element.value)
