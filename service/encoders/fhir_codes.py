"""DICOM's codes, units and references as FHIR writes them. Everything is plain JSON."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

Json = dict[str, Any]
Stored = Mapping[str, Any]

SYSTEMS = {
    "SCT": "http://snomed.info/sct",
    "LN": "http://loinc.org",
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
    "UCUM": "http://unitsofmeasure.org",
    "99THORAX": "urn:thorax:99THORAX",
}
"""URI of each coding scheme (PS3.16 table 8-1); the last is this software's own."""
UID_SYSTEM = "urn:dicom:uid"
_URI_SYSTEM = "urn:ietf:rfc:3986"
_NAMESPACE = UUID("0c2ba9a5-2f1c-4b41-8f19-7a9e4a3e6f10")


def coding(code: Stored) -> Json:
    """Return a Coding of a stored code; one of an unknown scheme keeps its text alone."""
    shown = {"display": code["meaning"]}
    if code["scheme"] not in SYSTEMS:
        return shown
    return {"system": SYSTEMS[code["scheme"]], "code": code["value"], **shown}


def concept(code: Stored, text: str | None = None) -> Json:
    """Return a CodeableConcept of a stored code."""
    return {"coding": [coding(code)], "text": text or code["meaning"]}


def dcm(value: str, meaning: str) -> Json:
    """Return a CodeableConcept of PS3.16 annex D."""
    return concept({"value": value, "scheme": "DCM", "meaning": meaning})


def quantity(value: float, unit: str) -> Json:
    """Return a Quantity in a unit of UCUM."""
    return {"value": value, "unit": unit, "system": SYSTEMS["UCUM"], "code": unit}


def uid_identifier(uid: str) -> Json:
    """Return the Identifier of a DICOM UID."""
    return {"system": UID_SYSTEM, "value": f"urn:oid:{uid}"}


def sop_class(uid: str) -> Json:
    """Return the Coding of a SOP Class."""
    return {"system": _URI_SYSTEM, "code": f"urn:oid:{uid}"}


def full_url(*parts: str) -> str:
    """Return an URL that follows from `parts`, so that the same result has the same ones."""
    return f"urn:uuid:{uuid5(_NAMESPACE, chr(31).join(parts))}"
