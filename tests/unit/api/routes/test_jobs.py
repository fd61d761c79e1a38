from pathlib import Path

import pytest
from httpx import Client

from service.bootstrap import Services
from service.domain.analysis import EncodedObject, ObjectKind, Reason
from service.domain.delivering import Sent
from service.domain.identifiers import JobId, new_job_id
from service.domain.job import JobState
from service.domain.model import ModelIdentity
from tests.fakes import receive
from tests.unit.api.conftest import RememberingQueue
from tests.unit.api.instances import part10

JOBS = "/api/v1/jobs"
SEG = EncodedObject(ObjectKind.SEG, "1.2.840.10008.5.1.4.1.1.66.4", "2.25.7", Path("seg.dcm"))


def send(client: Client, count: int) -> list[str]:
    """Return the jobs of so many new instances, oldest first."""
    headers = {"Content-Type": "application/dicom"}
    answers = [
        client.post("/api/v1/instances", content=part10(), headers=headers) for _ in range(count)
    ]
    return [answer.json()["job_id"] for answer in answers]


def end(services: Services, job_id: str, state: JobState, reason: Reason | None = None) -> None:
    with services.database.unit() as unit:
        lease = unit.jobs.claim(JobId(job_id), "test", 15.0)
        assert lease is not None
        unit.jobs.finish(lease, state, reason, ModelIdentity("frontal", "1.0.0", "ab" * 32))


def test_a_new_job_is_queued_and_has_no_results(client: Client, job_id: JobId) -> None:
    job = client.get(f"{JOBS}/{job_id}").json()

    assert (job["state"], job["reason"], job["attempts"]) == ("queued", None, 0)
    assert job["links"] == {
        "self": f"{JOBS}/{job_id}",
        "result": None,
        "overlay": None,
        "scene": None,
        "objects": {},
    }
    assert set(job["instance"]) == {
        "study_instance_uid",
        "series_instance_uid",
        "sop_instance_uid",
        "sop_class_uid",
    }


def test_an_ended_job_has_its_reason_and_model(
    client: Client, services: Services, job_id: JobId
) -> None:
    end(services, job_id, JobState.SKIPPED, Reason("not_chest", "BodyPartExamined is not a chest"))

    job = client.get(f"{JOBS}/{job_id}").json()

    assert job["state"] == "skipped"
    assert job["reason"] == {"code": "not_chest", "text": "BodyPartExamined is not a chest"}
    assert job["model"]["name"] == "frontal"
    assert job["attempts"] == 1


def test_results_that_are_there_are_linked(client: Client, job_id: JobId, results: Path) -> None:
    for name in ("result.json", "seg.dcm", "overlay.png", "masks.npz"):
        (results / name).touch()

    links = client.get(f"{JOBS}/{job_id}").json()["links"]

    assert links["objects"] == {"seg": f"{JOBS}/{job_id}/objects/seg"}
    for link in (links["result"], links["overlay"], links["objects"]["seg"]):
        assert client.get(link).status_code == 200


def test_deliveries_are_shown_with_their_states(
    client: Client, services: Services, job_id: JobId
) -> None:
    end(services, job_id, JobState.DELIVERING)
    with services.database.unit() as unit:
        unit.deliveries.add(job_id, "pacs", [SEG])
        delivery = unit.deliveries.claim_next(job_id, 15.0)
        assert delivery is not None
        unit.deliveries.bury(delivery, Reason("peer_refused", "the SOP class is not accepted"))

    (shown,) = client.get(f"{JOBS}/{job_id}").json()["deliveries"]

    assert (shown["destination"], shown["kind"], shown["state"]) == ("pacs", "seg", "dead")
    assert shown["reason"]["code"] == "peer_refused"
    assert shown["next_attempt_at"] is None
    assert shown["sent"] is None


def test_what_was_sent_in_place_of_what_was_wanted_is_shown_with_its_reason(
    client: Client, services: Services, job_id: JobId
) -> None:
    why = Reason("stand_in", "the peer accepts no Segmentation Storage")
    sent = Sent(ObjectKind.SC, "", "1.2.840.10008.5.1.4.1.1.7", "2.25.9", "1.2.840.10008.1.2", why)
    end(services, job_id, JobState.DELIVERING)
    with services.database.unit() as unit:
        unit.deliveries.add(job_id, "pacs", [SEG])
        delivery = unit.deliveries.claim_next(job_id, 15.0)
        assert delivery is not None
        unit.deliveries.delivered(delivery, sent)

    (shown,) = client.get(f"{JOBS}/{job_id}").json()["deliveries"]

    assert (shown["kind"], shown["state"]) == ("seg", "delivered")
    assert shown["sent"] == {
        "kind": "sc",
        "family": "",
        "sop_class_uid": "1.2.840.10008.5.1.4.1.1.7",
        "sop_instance_uid": "2.25.9",
        "transfer_syntax_uid": "1.2.840.10008.1.2",
        "why": {"code": "stand_in", "text": "the peer accepts no Segmentation Storage"},
    }


def test_a_dead_job_can_be_tried_again(
    client: Client, services: Services, queue: RememberingQueue, job_id: JobId
) -> None:
    end(services, job_id, JobState.DEAD, Reason("internal_error", "unexpected ZeroDivisionError"))
    queue.analyses.clear()

    answer = client.post(f"{JOBS}/{job_id}/retry")

    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert (answer.json()["reason"], answer.json()["attempts"]) == (None, 0)
    assert queue.analyses == [job_id]


def test_a_job_that_is_not_dead_is_not_tried_again(client: Client, job_id: JobId) -> None:
    answer = client.post(f"{JOBS}/{job_id}/retry")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_dead")


def test_jobs_are_listed_newest_first(client: Client) -> None:
    sent = send(client, 3)

    page = client.get(JOBS).json()

    assert [job["id"] for job in page["jobs"]] == sent[::-1]
    assert page["next"] is None


def test_following_next_shows_every_job_once(client: Client) -> None:
    sent = send(client, 5)

    seen, link = [], f"{JOBS}?limit=2"
    while link:
        page = client.get(link).json()
        seen += [job["id"] for job in page["jobs"]]
        link = page["next"]

    assert seen == sent[::-1]


def test_following_next_shows_every_job_once_also_when_they_came_at_the_same_time(
    client: Client, services: Services
) -> None:
    ids = {new_job_id() for _ in range(5)}
    with services.database.unit() as unit:
        for number, job_id in enumerate(ids):
            unit.jobs.add(job_id, receive(services.spool, f"1.2.{number}"))

    seen, link = [], f"{JOBS}?limit=2"
    while link:
        page = client.get(link).json()
        seen += [job["id"] for job in page["jobs"]]
        link = page["next"]

    assert seen == sorted(ids, reverse=True)


def test_jobs_can_be_listed_by_state_and_next_keeps_the_state(
    client: Client, services: Services
) -> None:
    first, second, third = send(client, 3)
    for job_id in (first, third):
        end(services, job_id, JobState.DONE)

    page = client.get(f"{JOBS}?state=done&limit=1").json()
    following = client.get(page["next"]).json()

    assert [job["id"] for job in page["jobs"] + following["jobs"]] == [third, first]
    assert [job["id"] for job in client.get(f"{JOBS}?state=queued").json()["jobs"]] == [second]


@pytest.mark.parametrize("zone", ["", "Z", "%2B05:00"])
def test_a_time_before_all_jobs_lists_none(client: Client, zone: str) -> None:
    send(client, 1)

    answer = client.get(f"{JOBS}?before=2000-01-01T00:00:00{zone}")

    assert (answer.status_code, answer.json()["jobs"]) == (200, [])


def test_a_summary_links_to_its_job(client: Client, job_id: JobId) -> None:
    (summary,) = client.get(JOBS).json()["jobs"]

    assert client.get(summary["link"]).json()["id"] == job_id
