"""Coded concepts of the report beyond those of the measurements themselves.

Sources: PS3.16 (TID 310, 312, 1419, 1500), SNOMED CT. What no standard codes is in 99THORAX;
docs/objects.md lists those codes.
"""

from pydicom.sr.coding import Code as DicomCode

from service.domain.measurement import CheckStatus
from service.domain.prior import Relation
from service.encoders.coding import PRIVATE_SCHEME

PROCEDURE = DicomCode("399208008", "SCT", "Plain chest X-ray")
QUALITATIVE = DicomCode("C0034375", "UMLS", "Qualitative Evaluations")
COMMENT = DicomCode("121106", "DCM", "Comment")
EQUIVALENT_MEANING = DicomCode("121050", "DCM", "Equivalent Meaning of Concept Name")

UNCERTAINTY = DicomCode("371884006", "SCT", "+/-, range of measurement uncertainty")
UPPER_UNCERTAINTY = DicomCode("371886008", "SCT", "+, range of upper measurement uncertainty")
LOWER_UNCERTAINTY = DicomCode("371885007", "SCT", "-, range of lower measurement uncertainty")
NORMAL_LOWER_LIMIT = DicomCode("385524004", "SCT", "Normal Range Lower Limit")
NORMAL_UPPER_LIMIT = DicomCode("371933006", "SCT", "Normal Range Upper Limit")

# Qualifiers of a number held against a range. SCT also has findings ("Cardiomegaly") and CID 222
# has "Abnormally High": both would be a judgement, and nobody has judged.
POSITIONS = {
    "below": DicomCode("281300000", "SCT", "Below reference range"),
    "within": DicomCode("281301001", "SCT", "Within reference range"),
    "above": DicomCode("281302008", "SCT", "Above reference range"),
}

# CID 42, why there is no number: nobody tried, or it was tried in vain.
NOT_ATTEMPTED = DicomCode("114007", "DCM", "Measurement not attempted")
FAILURE = DicomCode("114006", "DCM", "Measurement failure")

REFERENCED_SEGMENT = DicomCode("121191", "DCM", "Referenced Segment")

PRIOR_VALUE = DicomCode("PRIOR", PRIVATE_SCHEME, "Value on the prior image")
PRIOR_IMAGE = DicomCode("PRIOR_IMAGE", PRIVATE_SCHEME, "Prior image")
DIFFERENCE = DicomCode("DIFFERENCE", PRIVATE_SCHEME, "Difference from the prior image")
REPEATABILITY = DicomCode("REPEATABILITY", PRIVATE_SCHEME, "Smallest difference beyond repetition")
CHANGE = DicomCode("CHANGE", PRIVATE_SCHEME, "Change since the prior image")
COMPARISON = DicomCode("111424", "DCM", "Comparison to previous studies")
ACQUISITION_DATE = DicomCode("126201", "DCM", "Acquisition Date")
RELATIONS = {
    Relation.LARGER: DicomCode("35105006", "SCT", "Increased"),
    Relation.SMALLER: DicomCode("1250004", "SCT", "Decreased"),
    Relation.NO_CHANGE: DicomCode("260388006", "SCT", "No change"),
}

STATUSES = {
    CheckStatus.PASSED: DicomCode("PASSED", PRIVATE_SCHEME, "Passed"),
    CheckStatus.WARNING: DicomCode("WARNING", PRIVATE_SCHEME, "Passed with a warning"),
    CheckStatus.FAILED: DicomCode("FAILED", PRIVATE_SCHEME, "Failed"),
}
_LONGEST_VALUE = 16
_LONGEST_MEANING = 64


def check_code(check: str) -> DicomCode:
    """Return the concept of a quality check: its name in capitals."""
    meaning = f"Quality check: {check.replace('_', ' ')}"
    return DicomCode(check.upper()[:_LONGEST_VALUE], PRIVATE_SCHEME, meaning[:_LONGEST_MEANING])
