from pathlib import Path

import pytest

from service.domain.identifiers import JobId, new_job_id
from service.domain.job import DeliveryState, Job, JobState, Lease
from service.errors import LeaseLost, PeerRefused, StateError
from service.intake import Intake
from service.persistence.deliveries import GIVE_UP_AFTER
from service.persistence.jobs import MAXIMUM_ATTEMPTS
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.processing import Processing
from service.retrying import Retrying
from tests.fake_work import ScriptedAnalysis, ScriptedDeliverer, write_end
from tests.fakes import MovableClock, RecordingQueue, receive


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def pacs() -> ScriptedDeliverer:
    return ScriptedDeliverer()


@pytest.fixture
def analysis() -> ScriptedAnalysis:
    return ScriptedAnalysis()


@pytest.fixture
def processing(
    database: Database,
    spool: Spool,
    queue: RecordingQueue,
    analysis: ScriptedAnalysis,
    pacs: ScriptedDeliverer,
) -> Processing:
    return Processing(database, spool, queue, analysis, {"pacs": pacs.route}, write_end)


@pytest.fixture
def retrying(database: Database, queue: RecordingQueue) -> Retrying:
    return Retrying(database, queue)


@pytest.fixture
def job_id(database: Database, spool: Spool, queue: RecordingQueue) -> JobId:
    return Intake(database, spool, queue, 0).accept(receive(spool)).job_id


def failing(_: object) -> None:
    raise PeerRefused("the peer was not configured", code="context_refused")


def job_of(database: Database, job_id: JobId) -> Job:
    with database.reading() as unit:
        job = unit.jobs.get(job_id)
    assert job is not None
    return job


def analyse_to_death(processing: Processing, job_id: JobId, clock: MovableClock) -> None:
    for _ in range(MAXIMUM_ATTEMPTS):
        processing.run_analysis(job_id)
        clock.move(minutes=1)
    assert job_of(processing.database, job_id).state is JobState.DEAD


def broken(_: Path) -> None:
    raise ZeroDivisionError


def test_a_job_whose_delivery_was_refused_delivers_just_that_again(
    processing: Processing,
    retrying: Retrying,
    job_id: JobId,
    pacs: ScriptedDeliverer,
    queue: RecordingQueue,
) -> None:
    processing.run_analysis(job_id)
    pacs.behave = lambda offer: failing(offer) if offer.wanted == "seg" else None
    processing.run_delivery(job_id)
    assert job_of(processing.database, job_id).state is JobState.DEAD
    pacs.behave = lambda _: None
    queue.deliveries.clear()

    state = retrying.retry(job_id)
    processing.run_delivery(job_id)

    job = job_of(processing.database, job_id)
    assert (state, job.state, job.reason) == (JobState.DELIVERING, JobState.DONE, None)
    assert queue.deliveries == [job_id]
    assert [content for _, content in pacs.received] == [b"srpixels", b"segpixels"]


def test_a_delivery_that_was_given_up_by_age_has_its_72_hours_again(
    processing: Processing,
    retrying: Retrying,
    job_id: JobId,
    pacs: ScriptedDeliverer,
    clock: MovableClock,
) -> None:
    processing.run_analysis(job_id)
    pacs.behave = broken  # type: ignore[assignment]
    clock.move(seconds=GIVE_UP_AFTER.total_seconds())
    processing.run_delivery(job_id)
    assert job_of(processing.database, job_id).state is JobState.DEAD

    retrying.retry(job_id)
    processing.run_delivery(job_id)

    with processing.database.reading() as unit:
        states = {each.state for each in unit.deliveries.of_job(job_id)}
    assert states == {DeliveryState.WAITING}
    assert job_of(processing.database, job_id).state is JobState.DELIVERING


def test_a_job_whose_analysis_failed_is_analysed_again_with_all_its_attempts(
    processing: Processing,
    retrying: Retrying,
    job_id: JobId,
    analysis: ScriptedAnalysis,
    clock: MovableClock,
    queue: RecordingQueue,
) -> None:
    analysis.before = broken
    analyse_to_death(processing, job_id, clock)
    queue.analyses.clear()

    assert retrying.retry(job_id) is JobState.QUEUED
    assert queue.analyses == [job_id]
    processing.run_analysis(job_id)
    job = job_of(processing.database, job_id)
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)

    analysis.before = lambda _: None
    clock.move(minutes=1)
    processing.run_analysis(job_id)
    assert job_of(processing.database, job_id).state is JobState.DELIVERING


def test_a_worker_that_was_thought_dead_cannot_write_into_the_revived_job(
    processing: Processing, retrying: Retrying, job_id: JobId, clock: MovableClock
) -> None:
    leases: list[Lease] = []
    for _ in range(MAXIMUM_ATTEMPTS):
        with processing.database.unit() as unit:
            lease = unit.jobs.claim(job_id, "worker", 15.0)
            assert lease is not None
            leases.append(lease)
        clock.move(minutes=1)
    processing.sweep()

    retrying.retry(job_id)

    for lease in leases:
        with pytest.raises(LeaseLost), processing.database.unit() as unit:
            unit.jobs.finish(lease, JobState.DONE, None, None)


def test_a_queue_that_is_down_costs_only_time(
    processing: Processing,
    retrying: Retrying,
    job_id: JobId,
    analysis: ScriptedAnalysis,
    clock: MovableClock,
    queue: RecordingQueue,
) -> None:
    analysis.before = broken
    analyse_to_death(processing, job_id, clock)
    queue.is_down = True

    assert retrying.retry(job_id) is JobState.QUEUED

    queue.is_down = False
    queue.analyses.clear()
    clock.move(seconds=10)
    processing.sweep()
    assert queue.analyses == [job_id]


def test_only_a_dead_job_can_be_retried(retrying: Retrying, job_id: JobId) -> None:
    for given, code in ((job_id, "not_dead"), (new_job_id(), "job_not_found")):
        with pytest.raises(StateError) as caught:
            retrying.retry(given)
        assert caught.value.code == code
