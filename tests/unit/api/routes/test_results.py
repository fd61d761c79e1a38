from pathlib import Path

import pytest
from httpx import Client

from service.bootstrap import Services
from service.domain.analysis import Reason
from service.domain.identifiers import JobId
from service.domain.job import JobState
from service.encoders.explained_picture import FILM, write_film
from service.encoders.files import write_json, write_masks
from service.encoders.result_json import done_document
from tests.phantoms import phantom_analysis

FILES = [
    ("result", "result.json", "application/json"),
    ("objects/seg", "seg.dcm", "application/dicom"),
    ("objects/sr", "sr.dcm", "application/dicom"),
    ("objects/sc", "sc.dcm", "application/dicom"),
    ("overlay.png", "overlay.png", "image/png"),
    ("scene", "scene.json", "application/json"),
]


@pytest.mark.parametrize(("route", "name", "media_type"), FILES)
def test_a_result_is_its_file_with_its_media_type(
    client: Client, job_id: JobId, results: Path, route: str, name: str, media_type: str
) -> None:
    content = name.encode() * 1000
    (results / name).write_bytes(content)

    answer = client.get(f"/api/v1/jobs/{job_id}/{route}")

    assert answer.content == content
    assert answer.headers["content-type"] == media_type
    assert f'filename="{job_id}-{name}"' in answer.headers["content-disposition"]


@pytest.mark.parametrize(("route", "name", "_media_type"), FILES)
def test_a_result_that_is_not_there_yet_says_when_to_ask_again(
    client: Client, job_id: JobId, route: str, name: str, _media_type: str
) -> None:
    answer = client.get(f"/api/v1/jobs/{job_id}/{route}")

    assert (answer.status_code, answer.json()["code"]) == (404, "result_not_ready"), name
    assert "retry-after" in answer.headers


def test_a_result_that_will_never_be_says_so(
    client: Client, services: Services, job_id: JobId
) -> None:
    with services.database.unit() as unit:
        lease = unit.jobs.claim(job_id, "test", 15.0)
        assert lease is not None
        unit.jobs.finish(lease, JobState.SKIPPED, Reason("not_chest", "not a chest"), None)

    answer = client.get(f"/api/v1/jobs/{job_id}/objects/seg")

    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_result")
    assert "retry-after" not in answer.headers


def test_an_explanation_tells_each_value_with_its_definition(
    client: Client, job_id: JobId, results: Path
) -> None:
    write_json(done_document(phantom_analysis(), (), {}), results / "result.json")

    told = client.get(f"/api/v1/jobs/{job_id}/explanation").json()

    assert told["schema"] == "thorax-explanation/1"
    assert {m["key"]: m["definition"]["formula"] for m in told["measurements"]}["cardiac_width"]


def test_one_measurement_can_be_had_as_a_picture(
    client: Client, job_id: JobId, results: Path
) -> None:
    analysis = phantom_analysis()
    write_json(done_document(analysis, (), {}), results / "result.json")
    write_masks(analysis.segmentation, results / "masks.npz")
    write_film(analysis, results / FILM)

    there = client.get(f"/api/v1/jobs/{job_id}/explanation/cardiac_width.png")
    missing = client.get(f"/api/v1/jobs/{job_id}/explanation/shoe_size.png")

    assert there.headers["content-type"] == "image/png"
    assert there.content.startswith(b"\x89PNG")
    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_measurement")


def test_an_explanation_of_what_is_not_analysed_says_when_to_ask_again(
    client: Client, job_id: JobId
) -> None:
    answer = client.get(f"/api/v1/jobs/{job_id}/explanation")

    assert (answer.status_code, answer.json()["code"]) == (404, "result_not_ready")


@pytest.mark.parametrize("kind", ["exe", "SEG", "../result"])
def test_only_the_three_kinds_are_known(client: Client, job_id: JobId, kind: str) -> None:
    assert client.get(f"/api/v1/jobs/{job_id}/objects/{kind}").status_code in {404, 422}


@pytest.mark.parametrize("job", ["..", "%2e%2e", "..%2f..", "0" * 31, "0" * 33, "G" * 32, "A" * 32])
def test_a_job_id_is_32_hexadecimal_digits_and_nothing_else(client: Client, job: str) -> None:
    assert client.get(f"/api/v1/jobs/{job}/result").status_code in {404, 422}


def test_part_of_a_result_can_be_asked_for(client: Client, job_id: JobId, results: Path) -> None:
    (results / "seg.dcm").write_bytes(b"0123456789")

    answer = client.get(f"/api/v1/jobs/{job_id}/objects/seg", headers={"Range": "bytes=2-4"})

    assert (answer.status_code, answer.content) == (206, b"234")
