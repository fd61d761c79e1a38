"""The upload, from the socket to the job's row."""

from pathlib import Path

import pytest
from httpx import Client

from service.bootstrap import Services
from service.domain.identifiers import JobId
from service.domain.job import JobState
from service.telemetry.metrics import REGISTRY
from tests.unit.api.conftest import RememberingQueue
from tests.unit.api.instances import part10

DICOM = {"Content-Type": "application/dicom"}
INSTANCES = "/api/v1/instances"
SENTINEL = "SENTINEL^PATIENT"


def files_in_spool(services: Services) -> list[Path]:
    inbox = services.settings.home / "inbox"
    return [path for path in inbox.rglob("*") if path.is_file() and path.name != "lock"]


def test_a_raw_body_is_kept_and_queued_and_answered_with_its_job(
    client: Client, services: Services, queue: RememberingQueue
) -> None:
    body = part10()

    answer = client.post(INSTANCES, content=body, headers=DICOM)

    job_id = JobId(answer.json()["job_id"])
    assert answer.status_code == 202
    assert answer.headers["location"] == answer.json()["link"] == f"/api/v1/jobs/{job_id}"
    assert answer.json()["duplicate"] is False
    assert queue.analyses == [job_id]
    with services.database.reading() as unit:
        job = unit.jobs.get(job_id)
    assert job is not None
    assert (job.state, job.source) == (JobState.QUEUED, "api")
    assert services.spool.instance_path(job).read_bytes() == body


def test_the_same_instance_again_is_the_same_job_and_rung_once(
    client: Client, queue: RememberingQueue
) -> None:
    body = part10()

    first, second = (client.post(INSTANCES, content=body, headers=DICOM) for _ in range(2))

    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json() == {**first.json(), "duplicate": True}
    assert len(queue.analyses) == 1


def test_the_same_uid_with_other_content_is_a_conflict_with_a_job_of_its_own(
    client: Client, services: Services
) -> None:
    uid = "2.25.42"
    first = client.post(INSTANCES, content=part10(SOPInstanceUID=uid), headers=DICOM)

    answer = client.post(
        INSTANCES, content=part10(SOPInstanceUID=uid, Manufacturer="Other"), headers=DICOM
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert answer.json()["job_id"] != first.json()["job_id"]
    with services.database.reading() as unit:
        job = unit.jobs.get(JobId(answer.json()["job_id"]))
    assert job is not None
    assert job.state is JobState.REJECTED


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"not DICOM at all" * 100, "not_dicom"),
        (part10()[:200], "truncated"),
        (part10(SOPInstanceUID="../../etc/passwd"), "invalid_uid"),
        (part10(SOPInstanceUID=None), "missing_attribute"),
    ],
    ids=["text", "cut", "path", "no uid"],
)
def test_what_cannot_be_read_is_refused_with_its_reason_and_leaves_nothing(
    client: Client, services: Services, body: bytes, code: str
) -> None:
    answer = client.post(INSTANCES, content=body, headers=DICOM)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert files_in_spool(services) == []


def test_a_form_with_one_file_is_answered_like_a_raw_body(client: Client) -> None:
    answer = client.post(INSTANCES, files={"file": ("x.dcm", part10())})

    assert answer.status_code == 202
    assert "location" in answer.headers


def test_a_form_with_several_files_has_one_entry_each_in_order(
    client: Client, services: Services, queue: RememberingQueue
) -> None:
    good = part10()
    files = [("file", (SENTINEL, body)) for body in (good, b"no", part10(), good)]

    answer = client.post(INSTANCES, files=files)

    parts = answer.json()["parts"]
    assert answer.status_code == 207
    assert [part["part"] for part in parts] == [1, 2, 3, 4]
    assert [part["status"] for part in parts] == [202, 422, 202, 200]
    assert parts[1]["problem"]["status"] == 422
    assert parts[3]["receipt"]["job_id"] == parts[0]["receipt"]["job_id"]
    assert len(queue.analyses) == len(files_in_spool(services)) == 2
    assert SENTINEL not in answer.text


def test_nothing_is_taken_when_the_reserve_is_used_up(client: Client, services: Services) -> None:
    object.__setattr__(services.intake, "reserve_bytes", 1 << 62)  # no disk has this much

    answer = client.post(INSTANCES, content=part10(), headers=DICOM)

    assert (answer.status_code, answer.json()["code"]) == (507, "no_space")
    assert "retry-after" in answer.headers
    assert files_in_spool(services) == []


def test_nothing_is_acknowledged_without_the_database(client: Client, services: Services) -> None:
    (services.settings.home / "thorax.db").unlink()

    answer = client.post(INSTANCES, content=part10(), headers=DICOM)

    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert "retry-after" in answer.headers


def test_without_the_broker_it_is_taken_all_the_same(
    client: Client, queue: RememberingQueue
) -> None:
    queue.is_away = True

    assert client.post(INSTANCES, content=part10(), headers=DICOM).status_code == 202


def test_outcomes_are_counted_by_code(client: Client) -> None:
    def counted(outcome: str) -> float:
        labels = {"protocol": "rest", "outcome": outcome}
        return REGISTRY.get_sample_value("thorax_instances_received_total", labels) or 0.0

    before = counted("accepted"), counted("not_dicom")

    for body in (part10(), b"nothing of the kind"):
        client.post(INSTANCES, content=body, headers=DICOM)

    assert (counted("accepted"), counted("not_dicom")) == (before[0] + 1, before[1] + 1)
