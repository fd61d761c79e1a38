"""Codes as the DICOM libraries take them, a site's codes in place of ours, and whose they are."""

from collections.abc import Iterator

from highdicom.coding_schemes import CodingSchemeIdentificationItem
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code as DicomCode

from service.domain.segmentation import Code
from service.encoders.code_map import CodeMap, Scheme

PRIVATE_SCHEME = "99THORAX"
_OUR_SCHEME = Scheme(PRIVATE_SCHEME, "Thorax measurements", "Thorax", version="1")
# What we coded ourselves; the rest was copied from the source and is not ours to change.
_OWN = ("ConceptNameCodeSequence", "ContentSequence", "SegmentSequence")


def dicom_code(code: Code) -> DicomCode:
    """Return a coded concept as pydicom and highdicom take it."""
    return DicomCode(code.value, code.scheme, code.meaning)


def settle_codes(made: Dataset, code_map: CodeMap) -> None:
    """Write the site's codes in place of ours, and who is responsible for the private schemes."""
    items = [item for keyword in _OWN for item in _codes(made.get(keyword, []))]
    if code_map.codes:
        for item in items:
            _replace(item, code_map)
    used = {str(item.CodingSchemeDesignator) for item in items}
    schemes = [each for each in (_OUR_SCHEME, *code_map.schemes) if each.designator in used]
    if schemes:
        made.CodingSchemeIdentificationSequence = [_identification(each) for each in schemes]


def _identification(scheme: Scheme) -> CodingSchemeIdentificationItem:
    item = CodingSchemeIdentificationItem(
        designator=scheme.designator,
        name=scheme.name,
        version=scheme.version,
        responsible_organization=scheme.responsible_organization,
    )
    if scheme.uid is not None:
        item.CodingSchemeUID = scheme.uid  # highdicom writes it for registered schemes alone
    return item


def _replace(item: Dataset, code_map: CodeMap) -> None:
    value = item.get("CodeValue") or item.get("LongCodeValue") or ""
    site = code_map.code(str(item.CodingSchemeDesignator), str(value))
    if site is None:
        return
    for keyword in ("LongCodeValue", "CodingSchemeVersion"):
        item.pop(keyword, None)
    item.CodeValue, item.CodeMeaning = site.value, site.meaning
    item.CodingSchemeDesignator = site.scheme


def _codes(items: list[Dataset]) -> Iterator[Dataset]:
    """Yield the coded concepts among `items` and below them."""
    for item in items:
        if "CodingSchemeDesignator" in item:
            yield item
        for element in item:
            if element.VR == "SQ":
                yield from _codes(element.value)
