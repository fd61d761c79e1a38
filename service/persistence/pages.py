"""The list of jobs, a page at a time."""

from datetime import datetime

from sqlalchemy import Select, select

from service.domain.identifiers import JobId
from service.domain.job import JobState
from service.persistence.tables import JobRow


def page_of_jobs(
    state: JobState | None, limit: int, before: datetime | None, before_id: JobId | None
) -> Select[JobRow]:
    """Return the query of `JobRepository.page`."""
    jobs = select(JobRow)
    if state is not None:
        jobs = jobs.where(JobRow.state == state)
    if before is not None:
        at_once_also = (JobRow.received_at == before) & (JobRow.id < (before_id or ""))
        jobs = jobs.where((JobRow.received_at < before) | at_once_also)
    return jobs.order_by(JobRow.received_at.desc(), JobRow.id.desc()).limit(limit)
