"""Code sequences as codes that can be compared and looked up."""

from pydicom import Dataset
from pydicom.sr._snomed_dict import mapping
from pydicom.sr.coding import Code

from service.imaging.attributes import items, text

# What SNOMED's older codes (T-D3000) were called before and after 2002 (PS3.16 section 8).
_OLD_SNOMED = frozenset({"SRT", "SNM3", "99SDM"})


def coded_concepts(header: Dataset, keyword: str) -> tuple[Code, ...]:
    """Return the codes of a code sequence, those of older SNOMED as today's.

    pydicom's Code equals its older self but has another hash, so a set would not find it.
    """
    return tuple(_current_code(item) for item in items(header, keyword))


def _current_code(item: Dataset) -> Code:
    value, scheme = text(item, "CodeValue"), text(item, "CodingSchemeDesignator")
    if scheme in _OLD_SNOMED:
        value, scheme = mapping["SRT"].get(value, value), "SCT"
    return Code(value, scheme, "")
