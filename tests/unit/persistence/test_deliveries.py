import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from service.domain.analysis import EncodedObject, ObjectKind, Reason
from service.domain.delivering import Sent
from service.domain.identifiers import JobId, new_job_id
from service.domain.job import Delivery, DeliveryState, JobState
from service.errors import LeaseLost
from service.persistence.deliveries import (
    FIRST_RETRY_SECONDS,
    GIVE_UP_AFTER,
    LONGEST_RETRY_SECONDS,
    DeliveryRepository,
    retry_seconds,
)
from service.persistence.jobs import DELIVERY_FAILED
from service.persistence.session import Database
from service.persistence.spool import Spool
from tests.fakes import MovableClock, receive

CLAIM_SECONDS = 15.0
AWAY = Reason("peer_unreachable", "no association")
REFUSED = Reason("peer_refused", "SOP Class not supported")
SEG = EncodedObject(ObjectKind.SEG, "1.2.840.10008.5.1.4.1.1.66.4", "2.25.1", Path("seg.dcm"))
SENT = Sent(
    kind=ObjectKind.SC,
    family="full",
    sop_class_uid="1.2.840.10008.5.1.4.1.1.7",
    sop_instance_uid="2.25.3",
    transfer_syntax_uid="1.2.840.10008.1.2",
    why=Reason("class_refused", "the peer does not accept Segmentation Storage"),
)
SR = EncodedObject(ObjectKind.SR, "1.2.840.10008.5.1.4.1.1.88.33", "2.25.2", Path("sr.dcm"))


@pytest.fixture
def delivering(database: Database, spool: Spool) -> JobId:
    """A job whose SEG and SR wait to be delivered to `pacs`."""
    return put_in_outbox(database, spool)


def put_in_outbox(database: Database, spool: Spool, sop_instance_uid: str = "1.2.3.4") -> JobId:
    job_id = new_job_id()
    with database.unit() as unit:
        unit.jobs.add(job_id, receive(spool, sop_instance_uid))
        lease = unit.jobs.claim(job_id, "worker", 15)
        assert lease is not None
        unit.jobs.finish(lease, JobState.DELIVERING, None, None)
        unit.deliveries.add(job_id, "pacs", (SEG, SR))
    return job_id


def claim(database: Database, job_id: JobId) -> Delivery:
    with database.unit() as unit:
        delivery = unit.deliveries.claim_next(job_id, CLAIM_SECONDS)
    assert delivery is not None
    return delivery


def nothing_is_due(database: Database, job_id: JobId) -> bool:
    with database.unit() as unit:
        return unit.deliveries.claim_next(job_id, CLAIM_SECONDS) is None


def act(database: Database, record: Callable[[DeliveryRepository], object]) -> object:
    with database.unit() as unit:
        return record(unit.deliveries)


def test_deliveries_wait_in_the_order_in_which_they_were_put_in(
    database: Database, delivering: JobId, clock: MovableClock
) -> None:
    with database.reading() as unit:
        first, second = unit.deliveries.of_job(delivering)

    assert (first.kind, second.kind) == (ObjectKind.SEG, ObjectKind.SR)
    assert first.sop_class_uid == SEG.sop_class_uid
    assert (first.destination, first.state, first.attempts) == ("pacs", DeliveryState.WAITING, 0)
    assert first.next_attempt_at == clock.now


def test_an_object_is_put_in_once_per_destination(database: Database, delivering: JobId) -> None:
    act(database, lambda deliveries: deliveries.add(delivering, "archive", (SEG,)))

    with pytest.raises(IntegrityError):
        act(database, lambda deliveries: deliveries.add(delivering, "pacs", (SEG,)))


def test_each_delivery_is_claimed_once(database: Database, delivering: JobId) -> None:
    claims = [claim(database, delivering) for _ in range(2)]

    assert [each.kind for each in claims] == [ObjectKind.SEG, ObjectKind.SR]
    assert nothing_is_due(database, delivering)


def test_a_claim_that_was_given_up_is_due_again_and_fences_off_the_first(
    database: Database, delivering: JobId, clock: MovableClock
) -> None:
    lost = claim(database, delivering)
    clock.move(seconds=CLAIM_SECONDS)
    again = claim(database, delivering)

    assert (again.id, again.attempts) == (lost.id, 2)
    for record in (
        lambda deliveries: deliveries.delivered(lost, SENT),
        lambda deliveries: deliveries.postpone(lost, AWAY),
        lambda deliveries: deliveries.bury(lost, REFUSED),
        lambda deliveries: deliveries.renew(lost, CLAIM_SECONDS),
    ):
        with pytest.raises(LeaseLost):
            act(database, record)


def test_a_renewed_claim_is_not_due(
    database: Database, delivering: JobId, clock: MovableClock
) -> None:
    held, _other = claim(database, delivering), claim(database, delivering)
    clock.move(seconds=10)
    act(database, lambda deliveries: deliveries.renew(held, CLAIM_SECONDS))
    clock.move(seconds=10)

    assert claim(database, delivering).id != held.id
    assert nothing_is_due(database, delivering)


def test_a_delivered_object_is_never_due_again(
    database: Database, delivering: JobId, clock: MovableClock
) -> None:
    held = claim(database, delivering)
    act(database, lambda deliveries: deliveries.delivered(held, SENT))
    clock.move(days=1)

    assert claim(database, delivering).id != held.id
    with database.reading() as unit:
        first = unit.deliveries.of_job(delivering)[0]
    assert first.state is DeliveryState.DELIVERED
    assert first.delivered_at == clock.now - timedelta(days=1)
    assert first.sent == SENT


def test_a_postponed_delivery_says_why_and_waits(
    database: Database, delivering: JobId, clock: MovableClock
) -> None:
    held, _other = claim(database, delivering), claim(database, delivering)
    state = act(database, lambda deliveries: deliveries.postpone(held, AWAY))

    assert state is DeliveryState.WAITING
    assert nothing_is_due(database, delivering)
    with database.reading() as unit:
        assert unit.deliveries.of_job(delivering)[0].reason == AWAY
    clock.move(seconds=2 * FIRST_RETRY_SECONDS)
    assert claim(database, delivering).id == held.id


def test_a_peer_that_stays_away_for_three_days_is_given_up(
    database: Database, delivering: JobId, clock: MovableClock
) -> None:
    clock.now += GIVE_UP_AFTER - timedelta(seconds=1)
    early = claim(database, delivering)
    assert act(database, lambda d: d.postpone(early, AWAY)) is DeliveryState.WAITING

    clock.move(minutes=5)
    late = claim(database, delivering)
    assert act(database, lambda d: d.postpone(late, AWAY)) is DeliveryState.DEAD


def test_a_buried_delivery_keeps_its_own_reason(database: Database, delivering: JobId) -> None:
    held = claim(database, delivering)
    act(database, lambda deliveries: deliveries.bury(held, REFUSED))

    with database.reading() as unit:
        first = unit.deliveries.of_job(delivering)[0]
    assert (first.state, first.reason) == (DeliveryState.DEAD, REFUSED)


def test_a_job_ends_with_its_last_delivery(database: Database, delivering: JobId) -> None:
    for expected in (None, JobState.DONE):
        held = claim(database, delivering)
        with database.unit() as unit:
            unit.deliveries.delivered(held, SENT)
            assert unit.jobs.end_delivering(delivering) is expected


def test_a_job_with_a_dead_delivery_is_dead_and_says_so(
    database: Database, delivering: JobId
) -> None:
    first, second = claim(database, delivering), claim(database, delivering)
    with database.unit() as unit:
        unit.deliveries.bury(first, REFUSED)
        unit.deliveries.delivered(second, SENT)
        assert unit.jobs.end_delivering(delivering) is JobState.DEAD
        job = unit.jobs.get(delivering)

    assert job is not None
    assert job.reason == DELIVERY_FAILED


def test_jobs_with_due_deliveries_are_rung_for_again(
    database: Database, delivering: JobId, clock: MovableClock
) -> None:
    def stranded() -> tuple[JobId, ...]:
        with database.unit() as unit:
            return unit.jobs.stranded_deliveries(10)

    assert stranded() == ()  # rung for when the analysis ended
    clock.move(seconds=10)
    assert stranded() == (delivering,)
    assert stranded() == ()


def test_nothing_is_rung_for_while_all_deliveries_wait(
    database: Database, delivering: JobId, clock: MovableClock
) -> None:
    for _ in range(2):
        held = claim(database, delivering)
        with database.unit() as unit:
            unit.deliveries.postpone(held, AWAY)
            unit.jobs.forget_ring(delivering)
    with database.unit() as unit:
        assert unit.jobs.stranded_deliveries(10) == ()

    clock.move(seconds=2 * FIRST_RETRY_SECONDS)

    with database.unit() as unit:
        assert unit.jobs.stranded_deliveries(10) == (delivering,)


@settings(deadline=None)
@given(attempts=st.integers(1, 10_000))
def test_the_pause_lies_between_one_second_and_five_minutes(attempts: int) -> None:
    assert FIRST_RETRY_SECONDS <= retry_seconds(attempts) <= LONGEST_RETRY_SECONDS


def test_the_pause_doubles_and_half_of_it_is_chance() -> None:
    random.seed(1)
    pauses = [retry_seconds(3) for _ in range(200)]

    longest = FIRST_RETRY_SECONDS * 2**3
    assert longest / 2 <= min(pauses) < 0.6 * longest
    assert 0.9 * longest < max(pauses) <= longest


def test_workers_that_end_the_last_deliveries_at_once_also_end_the_job(
    database_url: str, database: Database, spool: Spool
) -> None:
    """Neither must see only the other's delivery as waiting; each has connections of its own."""
    others = [Database(database_url) for _ in range(2)]
    together = threading.Barrier(2)

    def deliver_one(own: Database, job_id: JobId) -> None:
        with own.unit() as unit:
            held = unit.deliveries.claim_next(job_id, CLAIM_SECONDS)
        assert held is not None
        together.wait()
        with own.unit() as unit:
            unit.deliveries.delivered(held, SENT)
            unit.jobs.end_delivering(job_id)

    ends = []
    for number in range(10):
        job_id = put_in_outbox(database, spool, f"1.2.{number}")
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(deliver_one, others, [job_id] * 2))
        with database.reading() as unit:
            job = unit.jobs.get(job_id)
        assert job is not None
        ends.append(job.state)

    assert ends == [JobState.DONE] * 10
    for each in others:
        each.close()
