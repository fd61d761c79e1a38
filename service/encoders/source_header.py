"""The source's header made fit to be copied from: real headers break the rules in many ways.

What identifies (UIDs, PatientID, PatientName) is copied whatever it looks like, or a result would
land beside its image. Everything else that its value representation does not allow is left out:
a result repeats no broken value, and a cut Accession Number might be another order's.
"""

from collections.abc import Iterator

from pydicom import config
from pydicom.datadict import dictionary_has_tag, dictionary_VM, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag
from pydicom.valuerep import validate_value

from service.domain.identifiers import InstanceReference

_GROUPS = frozenset({0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x0032, 0x0040})
_IDENTIFYING = frozenset(
    tag_for_keyword(keyword)
    for keyword in (
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "SOPInstanceUID",
        "PatientID",
        "PatientName",
        "IssuerOfPatientID",
    )
)
_NUMBERS_AS_TEXT = frozenset({"DS", "IS"})
_REQUIRED_IF_EMPTY = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "Manufacturer",
    "PatientOrientation",
)
_PLANE = ("FrameOfReferenceUID", "ImagePositionPatient", "ImageOrientationPatient")
_MODALITIES = {
    "1.2.840.10008.5.1.4.1.1.1": "CR",
    "1.2.840.10008.5.1.4.1.1.1.1": "DX",
    "1.2.840.10008.5.1.4.1.1.1.1.1": "DX",
}
_SEXES = ("M", "F", "O")


def copyable_header(header: Dataset, reference: InstanceReference) -> Dataset:
    """Return a new header in Unicode: what is valid in `header`, and each Type 2 element.

    UIDs are those of `reference`. Sequences with one bad element go as a whole.
    """
    copy = _valid_part(header)
    _identify(copy, reference)
    for keyword in _REQUIRED_IF_EMPTY:
        if keyword not in copy:
            setattr(copy, keyword, "")
    if copy.PatientSex not in _SEXES:
        copy.PatientSex = ""
    copy.SpecificCharacterSet = "ISO_IR 192"
    copy.Modality = _MODALITIES.get(reference.sop_class_uid, copy.get("Modality") or "OT")
    return copy


def has_plane(header: Dataset) -> bool:
    """Return whether the source itself says where it lies in a frame of reference."""
    return all(header.get(keyword) for keyword in _PLANE)


def remove_plane(header: Dataset) -> None:
    """Delete frame of reference, position and orientation: parts of them mean nothing."""
    for keyword in _PLANE:
        header.pop(keyword, None)


def _identify(copy: Dataset, reference: InstanceReference) -> None:
    copy.StudyInstanceUID = reference.study_instance_uid
    copy.SeriesInstanceUID = reference.series_instance_uid
    copy.SOPInstanceUID = reference.sop_instance_uid
    copy.SOPClassUID = reference.sop_class_uid


def _valid_part(header: Dataset) -> Dataset:
    copy = Dataset()
    for element in _readable(header):
        if not element.is_empty and (element.tag in _IDENTIFYING or _is_valid(element)):
            copy.add(element)
    return copy


def _readable(header: Dataset) -> Iterator[DataElement]:
    for tag in header.keys():  # noqa: SIM118 - iterating a Dataset would convert every element
        if tag.group in _GROUPS:
            element = _converted(header, tag)
            if element is not None:
                yield element


def _converted(header: Dataset, tag: BaseTag) -> DataElement | None:
    """Return the element with its text as Unicode; None when pydicom cannot make sense of it."""
    try:
        element = header[tag]
        return DataElement(tag, element.VR, _unicode(element), validation_mode=config.IGNORE)
    except (ValueError, TypeError, KeyError, OverflowError, NotImplementedError):
        return None


def _unicode(element: DataElement) -> object:
    if element.VR == "SQ":
        return [_unicode_item(item) for item in element.value]
    if element.VR == "PN":
        names = [str(value or "") for value in _values(element)]
        return " ".join(names) if _multiplicity(element.tag) == "1" else names
    if element.VR == "DA" and isinstance(element.value, str):
        return element.value.replace(".", "")  # the form of ACR-NEMA, PS3.5 table 6.2-1
    return element.value


def _unicode_item(item: Dataset) -> Dataset:
    return _dataset(filter(None, (_converted(item, tag) for tag in item.keys())))  # noqa: SIM118


def _dataset(elements: Iterator[DataElement]) -> Dataset:
    made = Dataset()
    for element in elements:
        made.add(element)
    return made


def _is_valid(element: DataElement) -> bool:
    if element.VR == "SQ":
        return all(_is_valid(inner) for item in element.value for inner in item)
    multiplicity = _multiplicity(element.tag)
    if multiplicity.isdigit() and element.VM not in {0, int(multiplicity)}:
        return False
    return all(_is_valid_value(element.VR, value) for value in _values(element))


def _values(element: DataElement) -> list[object]:
    if element.is_empty:
        return []
    return list(element.value) if element.VM > 1 else [element.value]


def _multiplicity(tag: BaseTag) -> str:
    return dictionary_VM(tag) if dictionary_has_tag(tag) else "1-n"


def _is_valid_value(vr: str, value: object) -> bool:
    text = str(value) if vr in _NUMBERS_AS_TEXT | {"PN", "UI"} else value
    try:
        validate_value(vr, text, config.RAISE)
    except ValueError:
        return False
    return True
