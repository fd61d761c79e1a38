"""The exposition as Prometheus reads it."""

import re

from httpx import Client
from prometheus_client.parser import text_string_to_metric_families

from service.bootstrap import Services
from service.domain.identifiers import JobId
from service.domain.job import JobState
from tests.unit.api.conftest import RememberingQueue


def scraped(client: Client) -> dict[tuple[str, str], float]:
    """Return value by (sample, first label's value) of a scrape."""
    text = client.get("/metrics").text
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_jobs_are_counted_by_every_state(client: Client, job_id: JobId) -> None:
    samples = scraped(client)

    counts = {state: samples["thorax_jobs", state.value] for state in JobState}
    assert counts == {state: float(state is JobState.QUEUED) for state in JobState}, job_id


def test_queues_and_free_space_are_shown(client: Client, job_id: JobId) -> None:
    samples = scraped(client)

    assert samples["thorax_queue_waiting", "gpu"] == 1, job_id
    assert samples["thorax_spool_free_bytes", ""] > 0


def test_a_scrape_works_without_database_and_broker(
    client: Client, services: Services, queue: RememberingQueue
) -> None:
    (services.settings.home / "thorax.db").unlink()
    queue.is_away = True

    samples = scraped(client)

    assert (samples["thorax_database_up", ""], samples["thorax_broker_up", ""]) == (0, 0)
    assert ("thorax_jobs", "queued") not in samples


def test_no_sample_holds_an_identifier(client: Client, job_id: JobId) -> None:
    client.get(f"/api/v1/jobs/{job_id}")

    text = client.get("/metrics").text

    assert job_id not in text
    assert not re.search(r"\d+(\.\d+){4,}", text), "no UID"


def test_requests_are_counted_under_the_api_process(client: Client) -> None:
    client.get("/health/live")

    assert 'process="api",route="/health/live"' in client.get("/metrics").text
