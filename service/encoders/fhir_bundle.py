"""A stored result as a FHIR R5 Bundle: DiagnosticReport, Observations, ImagingSelections, Device.

It follows the HL7 guide "DICOM SR to FHIR Resource Mapping" where that speaks of measurements.
Patient, study and order are referred to by their identifiers: none of them is made here, and what
the header does not say is left out.
"""

from collections.abc import Iterator

from pydicom.dataset import Dataset

from service import __version__
from service.encoders.fhir_codes import Json, Stored, dcm, full_url, uid_identifier
from service.encoders.fhir_context import Context, context_of
from service.encoders.fhir_observation import (
    PRELIMINARY,
    line_selection,
    line_url,
    lines_of,
    observation,
    segment_selection,
    segment_url,
)

_RADIOLOGY = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/v2-0074",
            "code": "RAD",
            "display": "Radiology",
        }
    ]
}
_NOTICE = "Automatic, unverified, not for diagnosis."


def fhir_bundle(result: Stored, report: Dataset | None, seg: Dataset | None) -> Json:
    """Return the Bundle of an analysed instance's result.json; fhir.resources has validated it.

    report, seg: the stored SR and SEG, which say whom it is about; None where there is none.
    """
    from fhir.resources.bundle import Bundle

    source = result["source"]
    context = context_of(source["study_instance_uid"], report, seg)
    entries = [
        {"fullUrl": url, "resource": resource} for url, resource in _entries(result, context)
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    validated: Json = Bundle.model_validate(bundle).model_dump(mode="json")
    return validated


def _entries(result: Stored, context: Context) -> Iterator[tuple[str, Json]]:
    """Yield the URL of each resource with it, the report first."""
    identity = (result["source"]["sop_instance_uid"], result["model"]["sha256"])
    device = full_url("device", result["model"]["sha256"], __version__)
    observations = {
        full_url("observation", *identity, measurement["key"]): observation(
            measurement, result, context, device
        )
        for measurement in result["measurements"]
    }
    yield full_url("report", *identity), _report(result, context, list(observations))
    yield from observations.items()
    yield from _selections(result, context)
    yield device, _device(result["model"])


def _selections(result: Stored, context: Context) -> Iterator[tuple[str, Json]]:
    for measurement in result["measurements"]:
        if measurement["key"] in lines_of(measurement, result):
            url = line_url(result, measurement["key"])
            yield url, line_selection(measurement, result, context)
    used = {key for measurement in result["measurements"] for key in measurement["segments"]}
    for seg in [each for each in result["objects"] if each["kind"] == "seg"][:1]:
        for key in sorted(used & context.segments.keys()):
            yield segment_url(result, key), segment_selection(key, seg, context)


def _report(result: Stored, context: Context, observations: list[str]) -> Json:
    made: Json = {
        "resourceType": "DiagnosticReport",
        "identifier": [
            uid_identifier(each["sop_instance_uid"])
            for each in result["objects"]
            if each["kind"] == "sr"
        ],
        "status": PRELIMINARY,
        "category": [_RADIOLOGY],
        "code": dcm("126000", "Imaging Measurement Report"),
        "study": [context.study],
        "result": [{"reference": url} for url in observations],
        "note": [{"text": text} for text in (_NOTICE, *_doubts(result))],
    }
    optional = {"subject": context.subject, "effectiveDateTime": context.effective}
    made |= {name: value for name, value in optional.items() if value is not None}
    if context.order is not None:
        made["basedOn"] = [context.order]
    return {name: value for name, value in made.items() if value != []}


def _doubts(result: Stored) -> Iterator[str]:
    for check in result["quality"]:
        if check["status"] != "passed":
            said = check.get("reason") or check["value"]
            yield f"Quality check {check['check']}: {check['status']} ({said})"


def _device(model: Stored) -> Json:
    return {
        "resourceType": "Device",
        "manufacturer": "Thorax",
        "name": [{"value": model["name"], "type": "registered-name", "display": True}],
        "modelNumber": model["name"],
        "version": [
            {"type": {"text": "software"}, "value": __version__},
            {"type": {"text": "model"}, "value": model["version"]},
            {"type": {"text": "weights SHA-256"}, "value": model["sha256"]},
        ],
    }
