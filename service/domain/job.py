"""A job's states and the only moves between them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.domain.analysis import ObjectKind, Reason
from service.domain.delivering import Sent
from service.domain.identifiers import InstanceReference, JobId
from service.domain.model import ModelIdentity
from service.errors import IllegalTransition


class JobState(StrEnum):
    """Where a job is; the last four are final."""

    QUEUED = "queued"
    ANALYSING = "analysing"
    DELIVERING = "delivering"
    DONE = "done"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    DEAD = "dead"

    @property
    def is_final(self) -> bool:
        """Return whether the job will not move by itself any more."""
        return self in _FINAL


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.ANALYSING, JobState.DEAD, JobState.REJECTED}),
    JobState.ANALYSING: frozenset(
        {
            JobState.QUEUED,
            JobState.DELIVERING,
            JobState.DONE,
            JobState.SKIPPED,
            JobState.REJECTED,
            JobState.DEAD,
        }
    ),
    # DONE: everything was delivered. DEAD: a delivery failed; its own row says why.
    JobState.DELIVERING: frozenset({JobState.DONE, JobState.DEAD}),
    JobState.DONE: frozenset(),
    JobState.SKIPPED: frozenset(),
    JobState.REJECTED: frozenset(),
    # Only when an operator asks for it: the analysis again, or the deliveries that failed.
    JobState.DEAD: frozenset({JobState.QUEUED, JobState.DELIVERING}),
}
_FINAL = frozenset({JobState.DONE, JobState.SKIPPED, JobState.REJECTED, JobState.DEAD})


def checked_transition(before: JobState, after: JobState) -> JobState:
    """Return `after` when the table allows the move; raises IllegalTransition."""
    if after not in TRANSITIONS[before]:
        raise IllegalTransition(f"a job cannot go from {before} to {after}")
    return after


class DeliveryState(StrEnum):
    """Where one object for one destination is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job until `until`; `fence` grows with every claim.

    Whatever is written under an older fence is refused, so a worker that was thought dead and
    comes back cannot overwrite its successor's result.
    """

    job_id: JobId
    fence: int
    attempt: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """A job as read from the database."""

    id: JobId
    reference: InstanceReference
    transfer_syntax_uid: str
    content_sha256: str
    source: str
    state: JobState
    reason: Reason | None
    attempts: int
    received_at: datetime
    updated_at: datetime
    model: ModelIdentity | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One outbox row: a wanted object on its way to a destination; `sent` once it is there."""

    id: int
    job_id: JobId
    destination: str
    kind: ObjectKind
    sop_class_uid: str
    sop_instance_uid: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime
    reason: Reason | None
    delivered_at: datetime | None
    sent: Sent | None = None
