import json
from pathlib import Path

from fhir.resources.bundle import Bundle
from httpx import Client

from service.domain.analysis import EncodedObject, ObjectKind, Reason
from service.domain.identifiers import JobId
from service.domain.job import JobState
from service.encoders.files import write_dicom
from service.encoders.registry import encode
from service.encoders.result_json import done_document, ended_document
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of
from tests.phantoms import REFERENCE

HEADER = build_dx()


def write_results(folder: Path) -> None:
    analysis = analysis_of(HEADER)
    objects = []
    for kind in (ObjectKind.SEG, ObjectKind.SR):
        made = encode(kind, analysis, HEADER, VIEWER)
        write_dicom(made, folder / f"{kind}.dcm")
        objects.append(
            EncodedObject(kind, made.SOPClassUID, made.SOPInstanceUID, folder / f"{kind}.dcm")
        )
    (folder / "result.json").write_text(json.dumps(done_document(analysis, objects, {})))


def test_an_analysed_job_has_a_bundle(client: Client, job_id: JobId, results: Path) -> None:
    write_results(results)

    answer = client.get(f"/api/v1/jobs/{job_id}/fhir")

    assert answer.headers["content-type"] == "application/fhir+json"
    bundle = Bundle.model_validate(answer.json())
    kinds = {entry.resource.get_resource_type() for entry in bundle.entry}
    assert kinds == {"DiagnosticReport", "Observation", "ImagingSelection", "Device"}
    assert "PHANTOM-1" in answer.text
    assert "Drawn" not in answer.text


def test_a_job_that_is_not_analysed_yet_says_when_to_ask_again(
    client: Client, job_id: JobId
) -> None:
    answer = client.get(f"/api/v1/jobs/{job_id}/fhir")

    assert (answer.status_code, answer.json()["code"]) == (404, "result_not_ready")


def test_what_was_not_analysed_has_no_bundle(client: Client, job_id: JobId, results: Path) -> None:
    ended = ended_document(JobState.SKIPPED, Reason("not_chest", "no chest"), REFERENCE)
    (results / "result.json").write_text(json.dumps(ended))

    assert client.get(f"/api/v1/jobs/{job_id}/fhir").status_code == 404
