from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.bundle import Bundle
from pydicom.dataset import Dataset

from service.domain.analysis import Analysis, EncodedObject, ObjectKind
from service.domain.image import ViewPosition
from service.domain.prior import Change, Prior, Relation
from service.encoders.fhir_bundle import fhir_bundle
from service.encoders.registry import encode
from tests.builders import build_dx
from tests.fhir import stored
from tests.headers import VIEWER, analysis_of
from tests.phantoms import MODEL, REFERENCE, without_measurements

HEADER = build_dx(PatientID="P-1", PatientName="Doe^Jane", AccessionNumber="A-1")
ANALYSIS = analysis_of(HEADER)


def bundle_of(analysis: Analysis = ANALYSIS) -> dict[str, Any]:
    made = {
        kind: encode(kind, analysis, HEADER, VIEWER) for kind in (ObjectKind.SEG, ObjectKind.SR)
    }
    objects = [_encoded(kind, each) for kind, each in made.items()]
    return fhir_bundle(stored(analysis, objects), made[ObjectKind.SR], made[ObjectKind.SEG])


def _encoded(kind: ObjectKind, made: Dataset) -> EncodedObject:
    return EncodedObject(kind, made.SOPClassUID, made.SOPInstanceUID, Path(f"{kind}.dcm"))


@pytest.fixture(scope="module")
def bundle() -> dict[str, Any]:
    return bundle_of()


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = [entry["resource"] for entry in bundle["entry"]]
    return [each for each in found if each["resourceType"] == kind]


def references(value: object) -> list[str]:
    """Return every `reference` inside."""
    if isinstance(value, dict):
        own = [value["reference"]] if "reference" in value else []
        return own + [each for part in value.values() for each in references(part)]
    if isinstance(value, list):
        return [each for part in value for each in references(part)]
    return []


def test_it_is_valid_fhir(bundle: dict[str, Any]) -> None:
    assert Bundle.model_validate(bundle).type == "collection"


def test_every_reference_is_resolved_and_every_selection_is_used(bundle: dict[str, Any]) -> None:
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    used = references([entry["resource"] for entry in bundle["entry"]])

    assert len(set(urls)) == len(urls)
    assert set(used) == set(urls[1:]), "the report alone is referred to by nobody"


def test_there_is_an_observation_for_each_measurement(bundle: dict[str, Any]) -> None:
    texts = [each["code"]["text"] for each in resources(bundle, "Observation")]

    assert texts == [measurement.name for measurement in ANALYSIS.measurements]


def test_the_report_is_preliminary_and_names_order_study_and_sr(bundle: dict[str, Any]) -> None:
    (report,) = resources(bundle, "DiagnosticReport")
    sr = encode(ObjectKind.SR, ANALYSIS, HEADER, VIEWER)

    assert report["status"] == "preliminary"
    assert report["identifier"][0]["value"] == f"urn:oid:{sr.SOPInstanceUID}"
    assert report["study"][0]["identifier"]["value"] == f"urn:oid:{HEADER.StudyInstanceUID}"
    assert report["basedOn"][0]["identifier"]["value"] == "A-1"
    assert [note["text"] for note in report["note"]] == [
        "Automatic, unverified, not for diagnosis.",
        "Quality check rotation: warning (0.25)",
    ]


def test_the_patient_s_name_is_nowhere(bundle: dict[str, Any]) -> None:
    assert "P-1" in str(bundle)
    assert "Doe" not in str(bundle)


def test_the_device_is_the_model_down_to_its_weights(bundle: dict[str, Any]) -> None:
    (device,) = resources(bundle, "Device")

    versions = {each["type"]["text"]: each["value"] for each in device["version"]}
    assert versions["weights SHA-256"] == MODEL.sha256


def test_the_same_result_gives_the_same_bundle(bundle: dict[str, Any]) -> None:
    assert bundle_of() == bundle


def test_a_film_on_which_nothing_was_measured_has_a_bundle() -> None:
    nothing = bundle_of(without_measurements(ANALYSIS))

    assert all("dataAbsentReason" in each for each in resources(nothing, "Observation"))


def test_without_sr_and_seg_nobody_is_named() -> None:
    bare = fhir_bundle(stored(ANALYSIS), None, None)

    (report,) = resources(bare, "DiagnosticReport")
    assert not {"subject", "basedOn", "identifier", "effectiveDateTime"} & set(report)


def test_a_change_since_the_prior_is_noted() -> None:
    prior = Prior(REFERENCE, "20190503", ViewPosition.POSTERO_ANTERIOR, "database", MODEL, ())
    change = Change("thoracic_width", 260.0, 250.0, -10.0, 5.0, Relation.SMALLER)

    compared = bundle_of(replace(ANALYSIS, prior=prior, changes=(change,)))

    *_, thorax = resources(compared, "Observation")
    assert any("20190503" in note["text"] and "smaller" in note["text"] for note in thorax["note"])
