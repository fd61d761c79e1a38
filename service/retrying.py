"""Has a dead job tried again: its deliveries when those failed, else its analysis."""

from dataclasses import dataclass

from service.domain.identifiers import JobId
from service.domain.job import JobState
from service.errors import OutOfResources, StateError
from service.persistence.session import Database
from service.queue import JobQueue
from service.telemetry.logging import get_logger

log = get_logger(__name__)

NO_SUCH_JOB = "job_not_found"
NOT_DEAD = "not_dead"


@dataclass(frozen=True, slots=True)
class Retrying:
    """What an operator does when the reason of a death is gone."""

    database: Database
    queue: JobQueue

    def retry(self, job_id: JobId) -> JobState:
        """Return the state in which the job is now: DELIVERING, or QUEUED for another analysis.

        What was delivered stays so, attempts and the 72 hours count anew. Raises StateError:
        job_not_found; not_dead.
        """
        with self.database.unit() as unit:
            job = unit.jobs.get(job_id)
            if job is None:
                raise StateError("there is no job with this id", code=NO_SUCH_JOB)
            if job.state is not JobState.DEAD:
                raise StateError("the job is not dead, so there is nothing to retry", code=NOT_DEAD)
            state = JobState.DELIVERING if unit.deliveries.revive(job_id) else JobState.QUEUED
            unit.jobs.revive(job_id, state)
        log.info("job_revived", job_id=job_id, state=state)
        self._ring(job_id, state)
        return state

    def _ring(self, job_id: JobId, state: JobState) -> None:
        ring = (
            self.queue.ring_delivery if state is JobState.DELIVERING else self.queue.ring_analysis
        )
        try:
            ring(job_id)
        except OutOfResources as error:
            log.warning("ring_failed", job_id=job_id, code=error.code)
