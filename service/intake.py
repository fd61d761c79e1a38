"""The one door in: an instance is durable before its sender hears that it was taken."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from service.domain.analysis import Reason
from service.domain.identifiers import JobId, new_job_id
from service.domain.instance import ReceivedInstance
from service.domain.job import Job, JobState
from service.errors import ConflictingInstance, OutOfResources, ServiceError
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.queue import JobQueue
from service.telemetry.logging import get_logger

log = get_logger(__name__)

CONFLICT = Reason(
    "conflict",
    "an instance with this SOP Instance UID and other content came before; both are kept",
)
Identify = Callable[[Path], ReceivedInstance]
"""Reads a kept file's identifiers again; its `temporary_path` is the given path."""

WriteEnd = Callable[[Path, Job], None]
"""Writes `result.json` into a folder for a job that ended without an analysis to tell of it."""

_FILES_PER_LOOK = 500


@dataclass(frozen=True, slots=True)
class Accepted:
    """The job of an instance that is on the disk and in the database."""

    job_id: JobId
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """Keeps instances and records their jobs. `reserve_bytes` of the disk stay free for results.

    write_end: tells of a conflict, which ends here; None where nobody reads results.
    """

    database: Database
    spool: Spool
    queue: JobQueue
    reserve_bytes: int
    write_end: WriteEnd | None = None

    def accept(self, received: ReceivedInstance) -> Accepted:
        """Keep the instance, record its job, ring for a worker; the temporary file is used up.

        When it returns, bytes and row have been synced to the disk, in this order, so that a
        crash leaves at worst a file without a row (see `recover`).
        Same SOP Instance UID and content: the existing job. Raises
        ConflictingInstance for other content under a known UID, which is kept all the same under
        its `job_id`, and OutOfResources when there is no space or no database: then it is not
        taken.
        """
        try:
            self.require_space(received.size_bytes)
            self.spool.keep(received)
            accepted = self._record(received)
        finally:
            received.temporary_path.unlink(missing_ok=True)
        if not accepted.duplicate:
            self._ring(accepted.job_id)
        return accepted

    def require_space(self, size_bytes: int = 0) -> None:
        """Raise OutOfResources (`no_space`) when so many bytes would use up the reserve."""
        if self.spool.free_bytes() - size_bytes < self.reserve_bytes:
            raise OutOfResources("too little disk space is free", code="no_space")

    def recover(self, identify: Identify) -> int:
        """Record kept files that have no row and return how many.

        A crash or a restored database leaves such. Call it once at start, in the background:
        it looks at every kept file's name.
        """
        found = sum(self._recover_file(path, identify) for path in self._unrecorded())
        if found:
            log.warning("instances_recovered", count=found)
        return found

    def _record(self, received: ReceivedInstance) -> Accepted:
        with self.database.unit() as unit:
            known = unit.jobs.of_instance(received.reference.sop_instance_uid)
            same = _with_content(known, received.content_sha256)
            if same is None:
                job_id, is_conflict = new_job_id(), bool(known)
                state = JobState.REJECTED if is_conflict else JobState.QUEUED
                unit.jobs.add(job_id, received, state, CONFLICT if is_conflict else None)
            else:
                job_id, is_conflict = same.id, same.reason == CONFLICT
        if is_conflict:
            log.warning("instance_conflicts", job_id=job_id)
            self._tell_of_conflict(job_id)
            raise ConflictingInstance(CONFLICT.text, job_id=job_id)
        return Accepted(job_id, duplicate=same is not None)

    def _tell_of_conflict(self, job_id: JobId) -> None:
        """Say it in the results folder too; failing to must not change what the sender hears."""
        if self.write_end is None:
            return
        try:
            with self.database.reading() as unit:
                job = unit.jobs.get(job_id)
            if job is not None:
                folder = self.spool.result_folder(job_id)
                folder.mkdir(exist_ok=True)
                self.write_end(folder, job)
        except Exception:
            log.exception("end_not_written")  # the row says it already

    def _ring(self, job_id: JobId) -> None:
        try:
            self.queue.ring_analysis(job_id)
        except OutOfResources as error:
            log.warning("ring_failed", job_id=job_id, code=error.code)

    def _unrecorded(self) -> Iterator[Path]:
        for paths in _batches(self.spool.kept_files()):
            with self.database.reading() as unit:
                recorded = unit.jobs.recorded(path.stem for path in paths)
            yield from (path for path in paths if path.stem not in recorded)

    def _recover_file(self, path: Path, identify: Identify) -> int:
        try:
            accepted = self._record(identify(path))
        except ConflictingInstance:
            return 1
        except ServiceError:
            log.exception("instance_not_recovered")
            return 0
        self._ring(accepted.job_id)
        return 1


def _with_content(jobs: Sequence[Job], content_sha256: str) -> Job | None:
    """Return the newest job of this content: the instance may have been analysed again."""
    return next((job for job in reversed(jobs) if job.content_sha256 == content_sha256), None)


def _batches(paths: Iterator[Path]) -> Iterator[list[Path]]:
    while batch := list(islice(paths, _FILES_PER_LOOK)):
        yield batch
