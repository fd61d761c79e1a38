import csv
import json
from datetime import timedelta
from io import BytesIO, StringIO

import pyarrow.parquet as pq
import pytest
from httpx import Client

from service.api.routes import measurements
from service.bootstrap import Services
from service.domain.analysis import Reason
from service.domain.identifiers import JobId
from service.domain.job import JobState
from service.encoders.result_json import done_document
from tests.phantoms import phantom_analysis
from tests.unit.api.instances import part10

TABLE = "/api/v1/measurements"
KEYS = ["cardiac_width", "cardiothoracic_ratio", "thoracic_width"]


def analysed(client: Client, services: Services) -> str:
    """Return a job whose results are there."""
    headers = {"Content-Type": "application/dicom"}
    answer = client.post("/api/v1/instances", content=part10(), headers=headers)
    job_id = JobId(answer.json()["job_id"])
    folder = services.spool.result_folder(job_id)
    folder.mkdir()
    stored = json.dumps(done_document(phantom_analysis(), (), {}))
    (folder / "result.json").write_text(stored, encoding="utf-8")
    end(services, job_id, JobState.DONE, None)
    return job_id


def end(services: Services, job_id: JobId, state: JobState, reason: Reason | None) -> None:
    with services.database.unit() as unit:
        lease = unit.jobs.claim(job_id, "test", 15.0)
        assert lease is not None
        unit.jobs.finish(lease, state, reason, None)


def rows(client: Client, **query: str) -> list[dict[str, str]]:
    answer = client.get(TABLE, params=query)
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.text, newline="")))


def test_each_measurement_of_each_job_is_a_row_the_newest_job_first(
    client: Client, services: Services
) -> None:
    older, newer = analysed(client, services), analysed(client, services)

    table = rows(client)

    assert [row["job_id"] for row in table] == [newer] * 3 + [older] * 3
    assert [row["key"] for row in table[:3]] == KEYS


def test_csv_is_sent_as_a_file(client: Client) -> None:
    answer = client.get(TABLE)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="measurements.csv"' in answer.headers["content-disposition"]


def test_parquet_has_the_same_rows(client: Client, services: Services) -> None:
    analysed(client, services)

    answer = client.get(TABLE, params={"format": "parquet"})

    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    read = pq.ParquetFile(BytesIO(answer.content)).read().to_pylist()
    assert [row["key"] for row in read] == [row["key"] for row in rows(client)] == KEYS


def test_no_page_s_border_loses_or_repeats_a_job(
    client: Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measurements, "JOBS_AT_ONCE", 2)
    jobs = [analysed(client, services) for _ in range(5)]

    assert [row["job_id"] for row in rows(client)[::3]] == jobs[::-1]


def test_only_jobs_of_the_asked_state_are_listed(client: Client, services: Services) -> None:
    analysed(client, services)

    assert len(rows(client, state="done")) == 3
    assert rows(client, state="dead") == []


def test_only_jobs_since_the_asked_time_are_listed(client: Client, services: Services) -> None:
    analysed(client, services)
    newer = analysed(client, services)
    with services.database.reading() as unit:
        job = unit.jobs.get(JobId(newer))
    assert job is not None

    since = [row["job_id"] for row in rows(client, since=job.received_at.isoformat())]
    later = rows(client, since=(job.received_at + timedelta(seconds=1)).isoformat())

    assert newer in since
    assert later == []


def test_a_job_without_a_result_or_with_a_broken_one_leaves_the_others(
    client: Client, services: Services
) -> None:
    whole = analysed(client, services)
    broken = services.spool.result_folder(JobId(analysed(client, services))) / "result.json"
    broken.write_text('{"source": ', encoding="utf-8")
    (services.spool.result_folder(JobId(analysed(client, services))) / "result.json").unlink()

    assert {row["job_id"] for row in rows(client)} == {whole}


@pytest.mark.parametrize("query", [{"format": "xlsx"}, {"since": "5"}, {"state": "asleep"}])
def test_what_is_not_understood_is_refused(client: Client, query: dict[str, str]) -> None:
    assert client.get(TABLE, params=query).status_code == 422


def test_nothing_of_the_patient_is_in_the_table(client: Client, services: Services) -> None:
    """The instance that was sent is a phantom called so, with a number of its own."""
    analysed(client, services)

    text = client.get(TABLE).text

    assert "phantom-model" in text
    assert not {"Phantom^Drawn", "PHANTOM-1"} & set(text.replace("\r\n", ",").split(","))
