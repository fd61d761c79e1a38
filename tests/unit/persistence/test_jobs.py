import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from service.domain.analysis import Reason
from service.domain.identifiers import JobId, new_job_id
from service.domain.job import JobState, Lease
from service.errors import IllegalTransition, LeaseLost
from service.persistence.jobs import (
    MAXIMUM_ATTEMPTS,
    RETRY_AFTER,
    RING_AGAIN_AFTER,
    WORKER_LOST,
)
from service.persistence.session import Database
from service.persistence.spool import Spool, spool_name
from tests.fakes import START, MovableClock, receive

LEASE_SECONDS = 15.0
FAILED = Reason("decode_failed", "the codec failed")


def claim(database: Database, job_id: JobId, worker: str = "worker") -> Lease | None:
    with database.unit() as unit:
        return unit.jobs.claim(job_id, worker, LEASE_SECONDS)


def claimed(database: Database, job_id: JobId) -> Lease:
    lease = claim(database, job_id)
    assert lease is not None
    return lease


def state_of(database: Database, job_id: JobId) -> JobState:
    with database.reading() as unit:
        job = unit.jobs.get(job_id)
    assert job is not None
    return job.state


def finish(database: Database, lease: Lease, state: JobState = JobState.DONE) -> None:
    with database.unit() as unit:
        unit.jobs.finish(lease, state, None, None)


def test_a_job_reads_back_as_it_was_received(database: Database, spool: Spool) -> None:
    added, received = new_job_id(), receive(spool)

    with database.unit() as unit:
        unit.jobs.add(added, received)

    with database.reading() as unit:
        job = unit.jobs.get(added)
    assert job is not None
    assert (job.reference, job.content_sha256) == (received.reference, received.content_sha256)
    assert (job.transfer_syntax_uid, job.source) == (received.transfer_syntax_uid, "TESTPACS")
    assert (job.state, job.attempts, job.reason, job.model) == (JobState.QUEUED, 0, None, None)
    assert job.received_at == received.received_at


def test_there_is_no_unknown_job(database: Database) -> None:
    with database.reading() as unit:
        assert unit.jobs.get(new_job_id()) is None


def test_the_same_content_twice_is_refused_by_the_database(
    database: Database, spool: Spool
) -> None:
    def add() -> None:
        with database.unit() as unit:
            unit.jobs.add(new_job_id(), receive(spool))

    add()
    with pytest.raises(IntegrityError):
        add()


def test_a_page_is_newest_first_and_goes_on_before_the_last(
    database: Database, spool: Spool
) -> None:
    times = [START + timedelta(minutes=number) for number in range(4)]
    with database.unit() as unit:
        for number, at in enumerate(times):
            unit.jobs.add(new_job_id(), receive(spool, f"1.2.{number}", received_at=at))

    with database.reading() as unit:
        first = unit.jobs.page(None, 3, None)
        second = unit.jobs.page(None, 3, first[-1].received_at)

    assert [job.received_at for job in first + second] == times[::-1]


def test_pages_miss_none_of_the_jobs_that_came_at_the_same_time(
    database: Database, spool: Spool
) -> None:
    added = {new_job_id() for _ in range(5)}
    with database.unit() as unit:
        for number, job_id in enumerate(sorted(added)):
            unit.jobs.add(job_id, receive(spool, f"1.2.{number}"))

    with database.reading() as unit:
        first = unit.jobs.page(None, 2, None)
        second = unit.jobs.page(None, 2, first[-1].received_at, first[-1].id)
        third = unit.jobs.page(None, 2, second[-1].received_at, second[-1].id)

    assert [job.id for job in first + second + third] == sorted(added, reverse=True)


def test_a_page_holds_only_the_wanted_state(
    database: Database, spool: Spool, job_id: JobId
) -> None:
    with database.unit() as unit:
        unit.jobs.add(new_job_id(), receive(spool, "1.2.5"), JobState.REJECTED, FAILED)

    with database.reading() as unit:
        queued = unit.jobs.page(JobState.QUEUED, 10, None)

    assert [job.id for job in queued] == [job_id]


def test_counts_name_every_state(database: Database, job_id: JobId) -> None:
    claimed(database, job_id)

    with database.reading() as unit:
        counts = unit.jobs.counts()

    assert counts == {state: int(state is JobState.ANALYSING) for state in JobState}


def test_files_with_a_row_are_told_from_those_without(database: Database, spool: Spool) -> None:
    received = receive(spool)
    with database.unit() as unit:
        unit.jobs.add(new_job_id(), received)
    name = spool_name(received.reference.sop_instance_uid, received.content_sha256)

    with database.reading() as unit:
        assert unit.jobs.recorded([name, "0" * 64]) == {name}


def test_a_claim_starts_the_analysis_and_counts_as_an_attempt(
    database: Database, job_id: JobId, clock: MovableClock
) -> None:
    lease = claimed(database, job_id)

    assert lease == Lease(job_id, 1, 1, clock.now + timedelta(seconds=LEASE_SECONDS))
    assert state_of(database, job_id) is JobState.ANALYSING


def test_a_held_job_cannot_be_claimed(database: Database, job_id: JobId) -> None:
    claimed(database, job_id)

    assert claim(database, job_id) is None


@pytest.mark.parametrize("unknown", [JobId("0" * 32), JobId(""), JobId("'; DROP TABLE jobs; --")])
def test_an_unknown_job_cannot_be_claimed(database: Database, unknown: JobId) -> None:
    assert claim(database, unknown) is None


def test_of_many_workers_exactly_one_gets_the_lease(database_url: str, spool: Spool) -> None:
    """Each worker has connections of its own, as processes have."""
    databases = [Database(database_url) for _ in range(4)]
    jobs = [new_job_id() for _ in range(10)]
    with databases[0].unit() as unit:
        for number, job in enumerate(jobs):
            unit.jobs.add(job, receive(spool, f"1.2.{number}"))
    together = threading.Barrier(len(databases))

    def race(database: Database) -> list[Lease | None]:
        leases = []
        for job in jobs:
            together.wait()
            leases.append(claim(database, job))
        return leases

    with ThreadPoolExecutor(len(databases)) as pool:
        by_worker = list(pool.map(race, databases))

    for of_job in zip(*by_worker, strict=True):
        assert sum(lease is not None for lease in of_job) == 1
    for each in databases:
        each.close()


def test_an_expired_lease_passes_to_the_next_with_a_higher_fence(
    database: Database, job_id: JobId, clock: MovableClock
) -> None:
    lost = claimed(database, job_id)
    clock.move(seconds=LEASE_SECONDS)

    taken = claimed(database, job_id)

    assert (taken.fence, taken.attempt) == (lost.fence + 1, 2)


@pytest.mark.parametrize("act", ["renew", "finish", "requeue"])
def test_a_stale_fence_is_refused(
    database: Database, job_id: JobId, clock: MovableClock, act: str
) -> None:
    lost = claimed(database, job_id)
    clock.move(seconds=LEASE_SECONDS)
    claimed(database, job_id)
    acts = {
        "renew": lambda jobs: jobs.renew(lost, LEASE_SECONDS),
        "finish": lambda jobs: jobs.finish(lost, JobState.DONE, None, None),
        "requeue": lambda jobs: jobs.requeue(lost, FAILED),
    }

    def attempt() -> None:
        with database.unit() as unit:
            acts[act](unit.jobs)

    with pytest.raises(LeaseLost):
        attempt()

    assert state_of(database, job_id) is JobState.ANALYSING


def test_an_ended_job_accepts_no_second_end(database: Database, job_id: JobId) -> None:
    lease = claimed(database, job_id)
    finish(database, lease)

    with pytest.raises(LeaseLost):
        finish(database, lease, JobState.SKIPPED)


def test_an_end_that_the_table_does_not_allow_is_refused(database: Database, job_id: JobId) -> None:
    lease = claimed(database, job_id)

    with pytest.raises(IllegalTransition):
        finish(database, lease, JobState.ANALYSING)


def test_a_renewed_lease_lasts_from_the_renewal(
    database: Database, job_id: JobId, clock: MovableClock
) -> None:
    lease = claimed(database, job_id)
    clock.move(seconds=10)

    with database.unit() as unit:
        renewed = unit.jobs.renew(lease, LEASE_SECONDS)
    clock.move(seconds=10)

    assert renewed.until == lease.until + timedelta(seconds=10)
    assert claim(database, job_id) is None


def test_a_late_heartbeat_still_counts_when_nobody_took_over(
    database: Database, job_id: JobId, clock: MovableClock
) -> None:
    lease = claimed(database, job_id)
    clock.move(hours=1)

    finish(database, lease)

    assert state_of(database, job_id) is JobState.DONE


def test_a_failed_attempt_waits_longer_each_time_and_then_is_dead(
    database: Database, job_id: JobId, clock: MovableClock
) -> None:
    for wait in RETRY_AFTER:
        lease = claimed(database, job_id)
        with database.unit() as unit:
            assert unit.jobs.requeue(lease, FAILED) is JobState.QUEUED
        clock.now += wait - timedelta(milliseconds=1)
        assert claim(database, job_id) is None
        clock.move(milliseconds=1)

    last = claimed(database, job_id)
    with database.unit() as unit:
        assert unit.jobs.requeue(last, FAILED) is JobState.DEAD

    assert last.attempt == MAXIMUM_ATTEMPTS
    with database.reading() as unit:
        job = unit.jobs.get(job_id)
    assert job is not None
    assert job.reason == FAILED


def test_a_worker_that_is_lost_each_time_leaves_a_dead_job(
    database: Database, job_id: JobId, clock: MovableClock
) -> None:
    for _ in range(MAXIMUM_ATTEMPTS):
        claimed(database, job_id)
        with database.unit() as unit:
            assert unit.jobs.bury_exhausted(10) == ()
        clock.move(seconds=LEASE_SECONDS)
    assert claim(database, job_id) is None

    with database.unit() as unit:
        (buried,) = unit.jobs.bury_exhausted(10)

    assert (buried.id, buried.state, buried.reason) == (job_id, JobState.DEAD, WORKER_LOST)


def test_only_what_was_not_rung_lately_is_stranded(
    database: Database, job_id: JobId, clock: MovableClock
) -> None:
    def stranded() -> tuple[JobId, ...]:
        with database.unit() as unit:
            return unit.jobs.stranded(10)

    at_once, (after_a_while, again) = stranded(), (None, None)
    clock.now += RING_AGAIN_AFTER
    after_a_while, again = stranded(), stranded()

    assert (at_once, after_a_while, again) == ((), (job_id,), ())


def test_a_job_under_a_lease_is_not_stranded_until_it_expires(
    database: Database, job_id: JobId, clock: MovableClock
) -> None:
    claimed(database, job_id)
    clock.now += RING_AGAIN_AFTER
    with database.unit() as unit:
        assert unit.jobs.stranded(10) == ()

    clock.move(seconds=LEASE_SECONDS)

    with database.unit() as unit:
        assert unit.jobs.stranded(10) == (job_id,)


def test_the_oldest_stranded_jobs_come_first(
    database: Database, spool: Spool, clock: MovableClock
) -> None:
    jobs = [new_job_id() for _ in range(5)]
    with database.unit() as unit:
        for number, job in enumerate(jobs):
            at = START - timedelta(minutes=number)
            unit.jobs.add(job, receive(spool, f"1.2.{number}", received_at=at))
    clock.move(minutes=1)

    with database.unit() as unit:
        first, rest = unit.jobs.stranded(3), unit.jobs.stranded(3)

    assert list(first + rest) == jobs[::-1]


def test_parallel_sweeps_share_the_stranded_jobs(database_url: str, spool: Spool) -> None:
    clock = MovableClock()
    databases = [Database(database_url, clock=clock) for _ in range(3)]
    jobs = [new_job_id() for _ in range(12)]
    with databases[0].unit() as unit:
        for number, job in enumerate(jobs):
            unit.jobs.add(job, receive(spool, f"1.2.{number}"))
    clock.move(minutes=1)
    together = threading.Barrier(3)

    def sweep(database: Database) -> list[JobId]:
        found: list[JobId] = []
        for _ in range(3):
            together.wait()
            with database.unit() as unit:
                found += unit.jobs.stranded(2)
        return found

    with ThreadPoolExecutor(3) as pool:
        told = [job for found in pool.map(sweep, databases) for job in found]

    assert len(told) == len(set(told))
    for each in databases:
        each.close()


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)])
def test_a_clock_that_jumps_starves_no_queued_job(
    database: Database, job_id: JobId, clock: MovableClock, jump: timedelta
) -> None:
    clock.now += jump

    with database.unit() as unit:
        assert unit.jobs.stranded(10) == (job_id,)
    assert claim(database, job_id) is not None


def test_a_clock_that_goes_back_does_not_make_a_lease_last_for_hours(
    database: Database, job_id: JobId, clock: MovableClock
) -> None:
    claimed(database, job_id)
    clock.move(hours=-1)

    assert claim(database, job_id) is not None


def test_a_holder_whose_lease_was_taken_after_a_jump_cannot_record(
    database: Database, job_id: JobId, clock: MovableClock
) -> None:
    lost = claimed(database, job_id)
    clock.move(days=1)
    claimed(database, job_id)

    with pytest.raises(LeaseLost):
        finish(database, lost)
