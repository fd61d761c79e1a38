"""Codes as the DICOM libraries take them, and the private scheme for what no standard codes."""

from collections.abc import Iterator

from highdicom.coding_schemes import CodingSchemeIdentificationItem
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code as DicomCode

from service.domain.segmentation import Code

PRIVATE_SCHEME = "99THORAX"


def dicom_code(code: Code) -> DicomCode:
    """Return a coded concept as pydicom and highdicom take it."""
    return DicomCode(code.value, code.scheme, code.meaning)


def private_schemes(content: Dataset) -> list[CodingSchemeIdentificationItem] | None:
    """Return who is responsible for 99THORAX when `content` uses it (PS3.3 C.12.1)."""
    if PRIVATE_SCHEME not in set(_schemes(content)):
        return None
    return [
        CodingSchemeIdentificationItem(
            designator=PRIVATE_SCHEME,
            name="Thorax measurements",
            version="1",
            responsible_organization="Thorax",
        )
    ]


def _schemes(dataset: Dataset) -> Iterator[str]:
    if "CodingSchemeDesignator" in dataset:
        yield str(dataset.CodingSchemeDesignator)
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from _schemes(item)
