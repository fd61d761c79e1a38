"""Codes as the DICOM libraries take them, and the private scheme for what no standard codes."""

from highdicom.coding_schemes import CodingSchemeIdentificationItem
from pydicom.sr.coding import Code as DicomCode

from service.domain.analysis import Analysis
from service.domain.segmentation import Code

PRIVATE_SCHEME = "99THORAX"


def dicom_code(code: Code) -> DicomCode:
    """Return a coded concept as pydicom and highdicom take it."""
    return DicomCode(code.value, code.scheme, code.meaning)


def private_schemes(analysis: Analysis) -> list[CodingSchemeIdentificationItem] | None:
    """Return who is responsible for 99THORAX when a measurement uses it (PS3.3 C.12.1)."""
    schemes = {measurement.code.scheme for measurement in analysis.measurements}
    if PRIVATE_SCHEME not in schemes:
        return None
    return [
        CodingSchemeIdentificationItem(
            designator=PRIVATE_SCHEME,
            name="Thorax measurements",
            version="1",
            responsible_organization="Thorax",
        )
    ]
