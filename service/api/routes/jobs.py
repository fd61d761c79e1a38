"""Jobs: what became of an instance."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import BeforeValidator

from service.api.access import AccessChecked
from service.api.dependencies import JobInPath, ServicesDependency
from service.api.documentation import problems
from service.api.schemas import (
    JOB_ID_PATTERN,
    JOBS,
    JobDocument,
    JobPage,
    JobSummary,
    job_document,
    job_summary,
)
from service.domain.identifiers import JobId
from service.domain.job import Job, JobState

MAXIMUM_PAGE = 200

router = APIRouter(prefix=JOBS, tags=["jobs"], dependencies=[AccessChecked])

StateFilter = Annotated[JobState | None, Query(description="Only jobs in this state.")]
PageSize = Annotated[int, Query(ge=1, le=MAXIMUM_PAGE, description="Jobs per page.")]


def iso_8601(text: object) -> object:
    """Refuse what pydantic would also take for a time: bare numbers, as seconds since 1970."""
    if isinstance(text, str) and "T" not in text:
        raise ValueError("not a date and time of ISO 8601")
    return text


Before = Annotated[
    datetime | None,
    BeforeValidator(iso_8601),
    Query(description="Only jobs received before this time; take it from `next`."),
]
BeforeId = Annotated[
    JobId | None,
    Query(pattern=JOB_ID_PATTERN, description="With `before`: tells jobs of that time apart."),
]


@router.get("", responses=problems(401, 403, 422, 503))
def list_jobs(
    services: ServicesDependency,
    state: StateFilter = None,
    limit: PageSize = 50,
    before: Before = None,
    before_id: BeforeId = None,
) -> JobPage:
    """List jobs, newest first; `next` leads to the older ones."""
    with services.database.reading() as unit:
        jobs = unit.jobs.page(state, limit, in_utc(before), before_id)
    return JobPage(jobs=[job_summary(job) for job in jobs], next=_next_page(jobs, state, limit))


# FAST003 does not see that JobInPath takes job_id.
@router.get("/{job_id}", responses=problems(401, 403, 404, 422, 503))  # noqa: FAST003
def show_job(job: JobInPath, services: ServicesDependency) -> JobDocument:
    """Show one job: its state and reason, where its results went, and links to them."""
    with services.database.reading() as unit:
        deliveries = unit.deliveries.of_job(job.id)
    folder = services.spool.result_folder(job.id)
    files = frozenset(path.name for path in folder.iterdir()) if folder.is_dir() else frozenset()
    return job_document(job, deliveries, files)


@router.post(
    "/{job_id}/retry",  # noqa: FAST003
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(401, 403, 404, 409, 422, 503),
)
def retry_job(job: JobInPath, services: ServicesDependency) -> JobSummary:
    """Have a dead job tried again: its failed deliveries, or else its analysis."""
    services.retrying.retry(job.id)
    with services.database.reading() as unit:
        now = unit.jobs.get(job.id)
    return job_summary(now or job)


def _next_page(jobs: tuple[Job, ...], state: JobState | None, limit: int) -> str | None:
    if len(jobs) < limit:
        return None
    last = jobs[-1]
    query = {"limit": str(limit), "before": last.received_at.isoformat(), "before_id": last.id}
    if state is not None:
        query["state"] = state.value
    return f"{JOBS}?{urlencode(query)}"


def in_utc(time: datetime | None) -> datetime | None:
    """Return the time with a zone; one that is given without is taken as UTC."""
    if time is None or time.tzinfo is not None:
        return time
    return time.replace(tzinfo=UTC)
