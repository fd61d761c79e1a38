"""The outbox: objects on their way to destinations, written in the transaction that made them."""

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.analysis import EncodedObject, Reason
from service.domain.delivering import Sent
from service.domain.identifiers import JobId
from service.domain.job import Delivery, DeliveryState
from service.errors import LeaseLost
from service.persistence.clock import Clock, has_come
from service.persistence.mapping import delivery_of, note_sent
from service.persistence.tables import DeliveryRow

FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 300.0
GIVE_UP_AFTER = timedelta(hours=72)


class DeliveryRepository:
    """The `deliveries` table within one transaction."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._now: Callable[[], datetime] = lambda: clock(session)

    def add(self, job_id: JobId, destination: str, objects: Iterable[EncodedObject]) -> None:
        """Put the objects in the outbox for one destination, due at once."""
        now = self._now()
        self._session.add_all(
            DeliveryRow(
                job_id=job_id,
                destination=destination,
                kind=each.kind,
                sop_class_uid=each.sop_class_uid,
                sop_instance_uid=each.sop_instance_uid,
                state=DeliveryState.WAITING,
                attempts=0,
                next_attempt_at=now,
                created_at=now,
            )
            for each in objects
        )
        self._session.flush()

    def of_job(self, job_id: JobId) -> tuple[Delivery, ...]:
        """Return the job's deliveries in the order in which they were put in."""
        of_job = select(DeliveryRow).where(DeliveryRow.job_id == job_id).order_by(DeliveryRow.id)
        return tuple(delivery_of(row) for row in self._session.scalars(of_job))

    def counts(self) -> dict[DeliveryState, int]:
        """Return how many deliveries are in each state, zero included."""
        grouped = select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)
        found = {state: count for state, count in self._session.execute(grouped)}  # noqa: C416 - rows
        return {state: found.get(state, 0) for state in DeliveryState}

    def claim_next(self, job_id: JobId, seconds: float) -> Delivery | None:
        """Return the job's next due delivery, ours for `seconds`; None when none is due.

        An attempt that is neither ended nor renewed in time is due again: a peer may then get
        the same object twice, which its derived UID makes harmless.
        """
        now = self._now()
        due = select(DeliveryRow).where(
            DeliveryRow.job_id == job_id,
            DeliveryRow.state == DeliveryState.WAITING,
            has_come(DeliveryRow.next_attempt_at, now),
        )
        oldest = due.order_by(DeliveryRow.id).limit(1)
        row = self._session.scalar(oldest.with_for_update(skip_locked=True, key_share=True))
        if row is None:
            return None
        row.attempts += 1
        row.next_attempt_at = now + timedelta(seconds=seconds)
        return delivery_of(row)

    def renew(self, delivery: Delivery, seconds: float) -> None:
        """Keep a claimed delivery for `seconds` from now; raises LeaseLost."""
        self._held(delivery).next_attempt_at = self._now() + timedelta(seconds=seconds)

    def delivered(self, delivery: Delivery, sent: Sent) -> None:
        """Record what the peer has now; raises LeaseLost when another attempt was begun."""
        row, now = self._held(delivery), self._now()
        note_sent(row, sent)
        row.state, row.delivered_at = DeliveryState.DELIVERED, now
        row.reason_code = row.reason_text = None

    def postpone(self, delivery: Delivery, reason: Reason) -> DeliveryState:
        """Try again after a pause that doubles from 1 s to 5 min; DEAD after 72 h of trying.

        Raises LeaseLost.
        """
        row = self._held(delivery)
        now = self._now()
        if now - row.created_at >= GIVE_UP_AFTER:
            row.state = DeliveryState.DEAD
        row.next_attempt_at = now + timedelta(seconds=retry_seconds(row.attempts))
        row.reason_code, row.reason_text = reason.code, reason.text
        return row.state

    def bury(self, delivery: Delivery, reason: Reason) -> None:
        """Record that the peer will never take it; raises LeaseLost."""
        row = self._held(delivery)
        row.state = DeliveryState.DEAD
        row.reason_code, row.reason_text = reason.code, reason.text

    def revive(self, job_id: JobId) -> int:
        """Have the job's dead deliveries tried again, now and as if just put in; return how many.

        Attempts go on counting, since they fence off those that were given up.
        """
        now = self._now()
        dead = select(DeliveryRow).where(
            DeliveryRow.job_id == job_id, DeliveryRow.state == DeliveryState.DEAD
        )
        rows = list(self._session.scalars(dead.with_for_update(key_share=True)))
        for row in rows:
            row.state = DeliveryState.WAITING
            row.created_at = row.next_attempt_at = now
        return len(rows)

    def _held(self, delivery: Delivery) -> DeliveryRow:
        held = select(DeliveryRow).where(
            DeliveryRow.id == delivery.id,
            DeliveryRow.state == DeliveryState.WAITING,
            DeliveryRow.attempts == delivery.attempts,
        )
        row = self._session.scalar(held.with_for_update(key_share=True))
        if row is None:
            raise LeaseLost("another attempt at this delivery was begun")
        return row


def retry_seconds(attempts: int) -> float:
    """Return the pause after the given number of attempts, half of it left to chance.

    Chance keeps a thousand jobs from coming back to a recovered PACS in the same second.
    """
    doubled = FIRST_RETRY_SECONDS * 2.0 ** min(attempts, 32)
    longest = min(LONGEST_RETRY_SECONDS, doubled)
    return random.uniform(longest / 2, longest)  # noqa: S311 - spread, not secrecy
