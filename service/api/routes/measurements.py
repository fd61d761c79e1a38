"""All measurements as one table, for research; streamed, and without anything of the patient."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BeforeValidator

from service.api.access import AccessChecked
from service.api.dependencies import ServicesDependency
from service.api.documentation import problems
from service.api.routes.jobs import StateFilter, in_utc, iso_8601
from service.bootstrap import Services
from service.domain.job import Job, JobState
from service.encoders.measurement_table import (
    MEDIA_TYPES,
    Row,
    TableFormat,
    rows_of,
    write_table,
)
from service.telemetry.logging import get_logger

JOBS_AT_ONCE = 200

log = get_logger(__name__)
router = APIRouter(prefix="/api/v1/measurements", tags=["jobs"], dependencies=[AccessChecked])

FormatChoice = Annotated[TableFormat, Query(alias="format", description="`csv` or `parquet`.")]
Since = Annotated[
    datetime | None,
    BeforeValidator(iso_8601),
    Query(description="Only of jobs received at this time or later."),
]


@router.get(
    "",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One row for each measurement, the newest jobs first.",
            "content": {media_type: {} for media_type in MEDIA_TYPES.values()},
        },
        **problems(401, 403, 422, 503),
    },
)
def fetch_measurements(
    services: ServicesDependency,
    form: FormatChoice = TableFormat.CSV,
    state: StateFilter = None,
    since: Since = None,
) -> StreamingResponse:
    """Fetch a row for each measurement of each analysed job, measured or not."""
    services.database.ping()  # what fails later can no longer be told by a status
    blocks = _blocks(services, state, in_utc(since))
    headers = {"Content-Disposition": f'attachment; filename="measurements.{form}"'}
    return StreamingResponse(
        write_table(form, blocks), media_type=MEDIA_TYPES[form], headers=headers
    )


def _blocks(
    services: Services, state: JobState | None, since: datetime | None
) -> Iterator[list[Row]]:
    """Yield the rows of some jobs at a time; no transaction is open while they are sent."""
    for jobs in _pages(services, state):
        recent = [job for job in jobs if since is None or job.received_at >= since]
        yield [row for job in recent for row in _rows(services, job)]
        if len(recent) < len(jobs):
            return


def _pages(services: Services, state: JobState | None) -> Iterator[tuple[Job, ...]]:
    last: Job | None = None
    while True:
        before, before_id = (last.received_at, last.id) if last else (None, None)
        with services.database.reading() as unit:
            jobs = unit.jobs.page(state, JOBS_AT_ONCE, before, before_id)
        if jobs:
            yield jobs
        if len(jobs) < JOBS_AT_ONCE:
            return
        last = jobs[-1]


def _rows(services: Services, job: Job) -> Iterator[Row]:
    """Yield the rows of one job; one whose result is not there (yet), or is broken, has none."""
    path = services.spool.result_folder(job.id) / "result.json"
    received_at = job.received_at.astimezone(UTC).isoformat()
    try:
        yield from rows_of(json.loads(path.read_text(encoding="utf-8")), job.id, received_at)
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError):
        log.warning("result_unreadable", job_id=job.id)
