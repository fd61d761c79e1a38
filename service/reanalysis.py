"""Analyses an instance once more, with the models of today: a new job, the old one stays."""

from collections.abc import Iterable
from dataclasses import dataclass

from service.domain.identifiers import JobId, new_job_id
from service.domain.job import Job, JobState
from service.errors import OutOfResources, StateError
from service.intake import CONFLICT, Accepted
from service.persistence.session import Database, Unit
from service.persistence.spool import Spool
from service.queue import JobQueue
from service.telemetry.logging import get_logger

log = get_logger(__name__)

NO_SUCH_JOB = "job_not_found"
_UNFINISHED = frozenset({JobState.QUEUED, JobState.ANALYSING})


@dataclass(frozen=True, slots=True)
class Reanalysis:
    """Makes new jobs of old ones. Results are new objects that name those they supersede."""

    database: Database
    spool: Spool
    queue: JobQueue

    def again(self, job_id: JobId) -> Accepted:
        """Record a new job for the instance of this one and ring for a worker.

        While an earlier analysis of the instance has not ended there is nothing to add: that job
        is returned as a duplicate. Raises StateError: job_not_found; conflict (the instance was
        never taken for analysis); instance_not_kept.
        """
        with self.database.unit() as unit:
            accepted = self._record(unit, _existing(unit, job_id))
        if not accepted.duplicate:
            self._ring(accepted.job_id)
        return accepted

    def of_other_models(self, current: Iterable[str]) -> int:
        """Record a new job for each instance last analysed by weights that are none of `current`.

        `current` are hashes. Workers hear of these jobs by the sweep, some at a time, so that
        what comes in meanwhile need not wait for all of them. Returns how many there are.
        """
        with self.database.reading() as unit:
            old = unit.jobs.ended_with_others(current)
        return sum(self._record_one(job_id) for job_id in old)

    def _record_one(self, job_id: JobId) -> int:
        try:
            with self.database.unit() as unit:
                return 0 if self._record(unit, _existing(unit, job_id)).duplicate else 1
        except StateError as error:
            log.warning("job_not_repeated", job_id=job_id, code=error.code)
            return 0

    def _record(self, unit: Unit, job: Job) -> Accepted:
        if job.reason == CONFLICT:
            raise StateError("this instance conflicts with another", code=CONFLICT.code)
        if not self.spool.instance_path(job).exists():
            raise StateError("the instance is no longer kept", code="instance_not_kept")
        of_it = unit.jobs.of_instance(job.reference.sop_instance_uid)
        unfinished = [each for each in of_it if each.state in _UNFINISHED]
        if unfinished:
            return Accepted(unfinished[-1].id, duplicate=True)
        again = new_job_id()
        unit.jobs.add_again(job, again)
        log.info("job_repeated", job_id=again)
        return Accepted(again, duplicate=False)

    def _ring(self, job_id: JobId) -> None:
        try:
            self.queue.ring_analysis(job_id)
        except OutOfResources as error:
            log.warning("ring_failed", job_id=job_id, code=error.code)


def _existing(unit: Unit, job_id: JobId) -> Job:
    job = unit.jobs.get(job_id)
    if job is None:
        raise StateError("there is no job with this id", code=NO_SUCH_JOB)
    return job
