from httpx import Client

from service.bootstrap import Services
from service.domain.identifiers import JobId
from service.domain.job import JobState
from tests.unit.api.conftest import RememberingQueue

JOBS = "/api/v1/jobs"


def end(services: Services, job_id: str) -> None:
    with services.database.unit() as unit:
        lease = unit.jobs.claim(JobId(job_id), "test", 15.0)
        assert lease is not None
        unit.jobs.finish(lease, JobState.DONE, None, None)


def test_an_ended_job_is_followed_by_a_new_one(
    client: Client, services: Services, queue: RememberingQueue, job_id: JobId
) -> None:
    end(services, job_id)

    answer = client.post(f"{JOBS}/{job_id}/reanalyse")

    receipt = answer.json()
    assert answer.status_code == 202
    assert receipt["job_id"] != job_id
    assert answer.headers["Location"] == receipt["link"] == f"{JOBS}/{receipt['job_id']}"
    assert queue.analyses[-1] == receipt["job_id"]
    new, old = (client.get(f"{JOBS}/{each}").json() for each in (receipt["job_id"], job_id))
    assert (new["state"], old["state"]) == ("queued", "done")
    assert new["instance"] == old["instance"]


def test_a_job_that_has_not_ended_is_the_answer_itself(client: Client, job_id: JobId) -> None:
    answer = client.post(f"{JOBS}/{job_id}/reanalyse")

    assert answer.status_code == 200
    assert (answer.json()["job_id"], answer.json()["duplicate"]) == (job_id, True)


def test_an_unknown_job_is_not_found(client: Client) -> None:
    answer = client.post(f"{JOBS}/{'0' * 32}/reanalyse")

    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")


def test_an_instance_that_is_no_longer_kept_is_gone(
    client: Client, services: Services, job_id: JobId
) -> None:
    end(services, job_id)
    with services.database.reading() as unit:
        job = unit.jobs.get(job_id)
    assert job is not None
    services.spool.instance_path(job).unlink()

    answer = client.post(f"{JOBS}/{job_id}/reanalyse")

    assert (answer.status_code, answer.json()["code"]) == (410, "instance_not_kept")
