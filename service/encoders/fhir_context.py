"""Whom and when a result is about, as FHIR says it, and nothing that the header does not say."""

from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset

from service.encoders.fhir_codes import Json, uid_identifier

_ACCESSION_NUMBER = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}]
}
_DATE_LENGTH = len("YYYYMMDD")
_TIME_LENGTH = len("HHMMSS")


@dataclass(frozen=True, slots=True)
class Context:
    """References that several resources repeat; None where the header does not say.

    segments: Segment Number of each segment's key. seg_series_uid: the series of the SEG.
    """

    subject: Json | None
    order: Json | None
    study: Json
    effective: str | None
    segments: dict[str, int]
    seg_series_uid: str | None


def context_of(study_instance_uid: str, report: Dataset | None, seg: Dataset | None) -> Context:
    """Return what the stored SR and SEG say; both copy patient and order from the source."""
    said = report if report is not None else seg if seg is not None else Dataset()
    described = seg.get("SegmentSequence", []) if seg is not None else []
    return Context(
        subject=_subject(said),
        order=_order(said),
        study={"type": "ImagingStudy", "identifier": uid_identifier(study_instance_uid)},
        effective=_effective(said),
        segments={str(item.get("TrackingID")): int(item.SegmentNumber) for item in described},
        seg_series_uid=str(seg.SeriesInstanceUID) if seg is not None else None,
    )


def _subject(said: Dataset) -> Json | None:
    """Return the patient by number, never by name; the issuer is named as the header names it."""
    if not said.get("PatientID"):
        return None
    identifier: Json = {"value": str(said.PatientID)}
    if (system := _issuer_system(said)) is not None:
        identifier["system"] = system
    elif said.get("IssuerOfPatientID"):
        identifier["assigner"] = {"display": str(said.IssuerOfPatientID)}
    return {"type": "Patient", "identifier": identifier}


def _issuer_system(said: Dataset) -> str | None:
    """Return the URI of the numbers' issuer, when the header has a universal one."""
    for item in said.get("IssuerOfPatientIDQualifiersSequence", []):
        entity, kind = item.get("UniversalEntityID"), item.get("UniversalEntityIDType")
        if entity and kind == "ISO":
            return f"urn:oid:{entity}"
        if entity and kind == "URI":
            return str(entity)
    return None


def _order(said: Dataset) -> Json | None:
    if not said.get("AccessionNumber"):
        return None
    identifier: dict[str, Any] = {"type": _ACCESSION_NUMBER, "value": str(said.AccessionNumber)}
    return {"type": "ServiceRequest", "identifier": identifier}


def _effective(said: Dataset) -> str | None:
    """Return when the film was taken; to the second only with a time zone, as FHIR has it."""
    date, time = str(said.get("ContentDate") or ""), str(said.get("ContentTime") or "")
    if len(date) != _DATE_LENGTH or date.startswith("1900"):
        return None
    day = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    zone = str(said.get("TimezoneOffsetFromUTC") or "")
    if not zone or len(time) < _TIME_LENGTH:
        return day
    return f"{day}T{time[:2]}:{time[2:4]}:{time[4:6]}{zone[:3]}:{zone[3:]}"
