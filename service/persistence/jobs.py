"""Jobs: what came in, who works on it under which lease, and how it ended."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from service.domain.analysis import Reason
from service.domain.identifiers import JobId
from service.domain.instance import ReceivedInstance
from service.domain.job import DeliveryState, Job, JobState, Lease, checked_transition
from service.domain.model import ModelIdentity
from service.errors import IllegalTransition, LeaseLost
from service.persistence.clock import Clock, has_come
from service.persistence.mapping import job_of, job_row, lease_of, repeated
from service.persistence.pages import page_of_jobs
from service.persistence.tables import WORKER_LENGTH, DeliveryRow, JobRow

MAXIMUM_ATTEMPTS = 3
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=30))
"""Wait after the first and after the second failed attempt; a lost worker's job is due at once."""

RING_AGAIN_AFTER = timedelta(seconds=10)
"""How long a rung job may wait for a worker before the queue is suspected to have lost it."""

WORKER_LOST = Reason(
    "worker_lost",
    f"the worker ended or ran out of time in each of {MAXIMUM_ATTEMPTS} attempts",
)
DELIVERY_FAILED = Reason(
    "delivery_failed", "at least one object could not be delivered; see the job's deliveries"
)
_IN_WORK = JobRow.state.in_((JobState.QUEUED, JobState.ANALYSING))


class JobRepository:
    """The `jobs` table within one transaction."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._now: Callable[[], datetime] = lambda: clock(session)

    def add(
        self,
        job_id: JobId,
        received: ReceivedInstance,
        state: JobState = JobState.QUEUED,
        reason: Reason | None = None,
    ) -> None:
        """Record an instance that has just been kept in the spool; it counts as rung."""
        now = self._now()
        row = job_row(job_id, received)
        row.state, row.due_at, row.rung_at, row.updated_at = state, now, now, now
        _explain(row, reason)
        self._session.add(row)
        self._session.flush()

    def of_instance(self, sop_instance_uid: str) -> tuple[Job, ...]:
        """Return the jobs of a SOP Instance, oldest first; those of another content are conflicts.

        Until the transaction ends nobody else can record this instance, so that two parallel
        sends cannot both find nothing here.
        """
        self._lock_instance(sop_instance_uid)
        of_it = select(JobRow).where(JobRow.sop_instance_uid == sop_instance_uid)
        return self._jobs(of_it.order_by(JobRow.received_at))

    def add_again(self, job: Job, job_id: JobId) -> None:
        """Record a further analysis of `job`'s instance; it counts as not rung for.

        To be called under `of_instance`, so that two do not get the same number.
        """
        now, row = self._now(), self._session.get_one(JobRow, job.id)
        of_it = select(func.max(JobRow.repeat)).where(JobRow.spool_name == row.spool_name)
        again = repeated(row, job_id, self._session.scalars(of_it).one() + 1)
        again.state, again.due_at, again.received_at, again.updated_at = (
            JobState.QUEUED,
            now,
            now,
            now,
        )
        self._session.add(again)
        self._session.flush()

    def ended_with_others(self, models: Iterable[str]) -> tuple[JobId, ...]:
        """Return the ended jobs, oldest first, whose weights are none of `models`.

        Weights are named by their hash. A job is left out when a later analysis of its instance
        exists.
        """
        later = aliased(JobRow)
        has_later = select(later.id).where(
            later.spool_name == JobRow.spool_name, later.repeat > JobRow.repeat
        )
        old = select(JobRow.id).where(
            JobRow.state.in_((JobState.DONE, JobState.DEAD)),
            JobRow.model_sha256.is_not(None),
            JobRow.model_sha256.not_in(tuple(models)),
            ~has_later.exists(),
        )
        found = self._session.scalars(old.order_by(JobRow.received_at, JobRow.id))
        return tuple(JobId(each) for each in found)

    def get(self, job_id: JobId) -> Job | None:
        """Return the job; None when there is no such job."""
        row = self._session.get(JobRow, job_id)
        return job_of(row) if row else None

    def page(
        self,
        state: JobState | None,
        limit: int,
        before: datetime | None,
        before_id: JobId | None = None,
    ) -> tuple[Job, ...]:
        """Return up to `limit` jobs, newest first, in `state` and received before `before`.

        None for either means any. Of jobs that were received at `before` itself come those whose
        id is less than `before_id`: with both of a page's last job the next page misses none.
        """
        return self._jobs(page_of_jobs(state, limit, before, before_id))

    def counts(self) -> dict[JobState, int]:
        """Return how many jobs are in each state, zero included."""
        grouped = select(JobRow.state, func.count()).group_by(JobRow.state)
        found = {state: count for state, count in self._session.execute(grouped)}  # noqa: C416 - rows
        return {state: found.get(state, 0) for state in JobState}

    def recorded(self, spool_names: Iterable[str]) -> frozenset[str]:
        """Return those of the names that have a row."""
        known = select(JobRow.spool_name).where(JobRow.spool_name.in_(tuple(spool_names)))
        return frozenset(self._session.scalars(known))

    def claim(self, job_id: JobId, worker: str, lease_seconds: float) -> Lease | None:
        """Return a lease on a job that is due; None when it is held, ended, used up or unknown.

        A job is due when queued and past its wait, or under a lease that has run out. Every
        claim counts as an attempt and raises the fence.
        """
        now = self._now()
        row = self._locked(JobRow.id == job_id, _is_due(now), JobRow.attempts < MAXIMUM_ATTEMPTS)
        if row is None:
            return None
        row.attempts += 1
        row.fence += 1
        row.worker = worker[:WORKER_LENGTH]
        row.state = JobState.ANALYSING
        row.due_at = now + timedelta(seconds=lease_seconds)
        row.updated_at = now
        return lease_of(row)

    def renew(self, lease: Lease, lease_seconds: float) -> Lease:
        """Return the lease made longer; raises LeaseLost when someone else holds the job."""
        row = self._held(lease)
        row.due_at = self._now() + timedelta(seconds=lease_seconds)
        return lease_of(row)

    def finish(
        self, lease: Lease, state: JobState, reason: Reason | None, model: ModelIdentity | None
    ) -> None:
        """End the analysis: DELIVERING or a final state; raises LeaseLost, IllegalTransition."""
        row = self._held(lease)
        if model is not None:
            row.model_name, row.model_version = model.name, model.version
            row.model_sha256 = model.sha256
        row.rung_at = self._now()
        self._move(row, state, reason)

    def requeue(self, lease: Lease, reason: Reason) -> JobState:
        """Give back a job whose attempt failed: QUEUED with a wait, DEAD after the last attempt.

        Raises LeaseLost.
        """
        row = self._held(lease)
        if row.attempts >= MAXIMUM_ATTEMPTS:
            self._move(row, JobState.DEAD, reason)
        else:
            self._move(row, JobState.QUEUED, reason)
            row.due_at = self._now() + RETRY_AFTER[row.attempts - 1]
            row.rung_at = None
        return row.state

    def revive(self, job_id: JobId, state: JobState) -> None:
        """Move a dead job to QUEUED, with all its attempts anew, or to DELIVERING; as rung.

        Raises IllegalTransition when it is not dead. The fence stays: no earlier lease holds.
        """
        row = self._locked(JobRow.id == job_id)
        if row is None or row.state is not JobState.DEAD:
            raise IllegalTransition("only a dead job can be revived")
        self._move(row, state, None)
        row.due_at = row.rung_at = self._now()
        if state is JobState.QUEUED:
            row.attempts = 0

    def bury_exhausted(self, limit: int) -> tuple[Job, ...]:
        """Move jobs whose last lease has run out to DEAD and return them."""
        exhausted = (JobRow.state == JobState.ANALYSING, JobRow.attempts >= MAXIMUM_ATTEMPTS)
        rows = self._some_locked(limit, *exhausted, has_come(JobRow.due_at, self._now()))
        for row in rows:
            self._move(row, JobState.DEAD, WORKER_LOST)
        return tuple(job_of(row) for row in rows)

    def stranded(self, limit: int) -> tuple[JobId, ...]:
        """Return the oldest due jobs of which the queue has not been told lately, as told now.

        Several processes may ask at once: each job is returned to one of them.
        """
        return self._told(limit, _is_due(self._now()), JobRow.attempts < MAXIMUM_ATTEMPTS)

    def stranded_deliveries(self, limit: int) -> tuple[JobId, ...]:
        """Return likewise the oldest jobs that have a delivery due."""
        due = select(DeliveryRow.id).where(
            DeliveryRow.job_id == JobRow.id,
            DeliveryRow.state == DeliveryState.WAITING,
            has_come(DeliveryRow.next_attempt_at, self._now()),
        )
        return self._told(limit, JobRow.state == JobState.DELIVERING, due.exists())

    def forget_ring(self, job_id: JobId) -> None:
        """Have the queue told of this job as soon as something of it is due."""
        row = self._locked(JobRow.id == job_id)
        if row is not None:
            row.rung_at = None

    def end_delivering(self, job_id: JobId) -> JobState | None:
        """End a job of which nothing waits to be delivered; None when something does.

        DONE when all was delivered, else DEAD with `delivery_failed`; each delivery has its own
        reason. The row stays locked to the end of the transaction, so that of two workers that
        end a job's last two deliveries one sees both.
        """
        row = self._locked(JobRow.id == job_id, JobRow.state == JobState.DELIVERING)
        if row is None:
            return None
        of_job = select(DeliveryRow.state).where(DeliveryRow.job_id == job_id)
        states = set(self._session.scalars(of_job))
        if DeliveryState.WAITING in states:
            return None
        failed = DeliveryState.DEAD in states
        end, reason = (JobState.DEAD, DELIVERY_FAILED) if failed else (JobState.DONE, None)
        self._move(row, end, reason)
        return row.state

    def _told(self, limit: int, *conditions: ColumnElement[bool]) -> tuple[JobId, ...]:
        now = self._now()
        # An hour-old clock may have written a time that is still to come: it counts as long ago.
        silent = or_(
            JobRow.rung_at.is_(None), JobRow.rung_at <= now - RING_AGAIN_AFTER, JobRow.rung_at > now
        )
        rows = self._some_locked(limit, *conditions, silent)
        for row in rows:
            row.rung_at = now
        return tuple(JobId(row.id) for row in rows)

    def _move(self, row: JobRow, state: JobState, reason: Reason | None) -> None:
        row.state = checked_transition(row.state, state)
        row.updated_at = self._now()
        row.worker = None
        _explain(row, reason)

    def _held(self, lease: Lease) -> JobRow:
        row = self._locked(
            JobRow.id == lease.job_id,
            JobRow.state == JobState.ANALYSING,
            JobRow.fence == lease.fence,
        )
        if row is None:
            raise LeaseLost
        return row

    def _locked(self, *conditions: ColumnElement[bool]) -> JobRow | None:
        # key_share (FOR NO KEY UPDATE): two workers whose deliveries refer to this row, and so
        # may hold its key, would wait for each other otherwise.
        return self._session.scalar(
            select(JobRow).where(*conditions).with_for_update(key_share=True)
        )

    def _some_locked(self, limit: int, *conditions: ColumnElement[bool]) -> list[JobRow]:
        oldest = select(JobRow).where(*conditions).order_by(JobRow.received_at).limit(limit)
        return list(self._session.scalars(oldest.with_for_update(skip_locked=True, key_share=True)))

    def _lock_instance(self, sop_instance_uid: str) -> None:
        # A transaction on SQLite holds the one write lock anyway.
        if self._session.get_bind().dialect.name == "postgresql":
            key = func.hashtextextended(sop_instance_uid, 0)
            self._session.execute(select(func.pg_advisory_xact_lock(key)))

    def _jobs(self, query: Select[JobRow]) -> tuple[Job, ...]:
        return tuple(job_of(row) for row in self._session.scalars(query))


def _is_due(now: datetime) -> ColumnElement[bool]:
    return _IN_WORK & has_come(JobRow.due_at, now)


def _explain(row: JobRow, reason: Reason | None) -> None:
    row.reason_code = reason.code if reason else None
    row.reason_text = reason.text if reason else None
