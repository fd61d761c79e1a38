from pathlib import Path

import pytest

from service.domain.identifiers import JobId, new_job_id
from service.domain.job import JobState
from service.errors import ConflictingInstance, StateError
from service.intake import Intake
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.processing import Processing
from service.reanalysis import Reanalysis
from tests.fake_work import MODEL, ScriptedAnalysis, ScriptedDeliverer, write_end
from tests.fakes import RecordingQueue, receive


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def intake(database: Database, spool: Spool, queue: RecordingQueue) -> Intake:
    return Intake(database, spool, queue, 0)


@pytest.fixture
def reanalysis(database: Database, spool: Spool, queue: RecordingQueue) -> Reanalysis:
    return Reanalysis(database, spool, queue)


@pytest.fixture
def processing(database: Database, spool: Spool, queue: RecordingQueue) -> Processing:
    return Processing(database, spool, queue, ScriptedAnalysis(), {}, write_end)


@pytest.fixture
def done(intake: Intake, spool: Spool, processing: Processing) -> JobId:
    """A job that has a result."""
    job_id = intake.accept(receive(spool)).job_id
    processing.run_analysis(job_id)
    return job_id


def state_of(database: Database, job_id: JobId) -> JobState:
    with database.reading() as unit:
        job = unit.jobs.get(job_id)
    assert job is not None
    return job.state


def test_an_ended_job_is_followed_by_a_new_one_of_the_same_instance(
    database: Database,
    queue: RecordingQueue,
    reanalysis: Reanalysis,
    processing: Processing,
    done: JobId,
) -> None:
    again = reanalysis.again(done)

    assert again.job_id != done
    assert not again.duplicate
    assert queue.analyses[-1] == again.job_id
    processing.run_analysis(again.job_id)
    assert [state_of(database, job_id) for job_id in (done, again.job_id)] == [JobState.DONE] * 2
    with database.reading() as unit:
        old, new = unit.jobs.get(done), unit.jobs.get(again.job_id)
    assert old is not None
    assert new is not None
    assert (new.reference, new.content_sha256) == (old.reference, old.content_sha256)


def test_asking_again_before_it_has_ended_adds_nothing(reanalysis: Reanalysis, done: JobId) -> None:
    first = reanalysis.again(done)

    second = reanalysis.again(done)

    assert second.job_id == first.job_id
    assert second.duplicate


def test_it_can_be_asked_for_any_number_of_times(
    reanalysis: Reanalysis, processing: Processing, done: JobId
) -> None:
    jobs = {done}
    for _ in range(3):
        job_id = reanalysis.again(done).job_id
        processing.run_analysis(job_id)
        jobs.add(job_id)

    assert len(jobs) == 4


def test_the_instance_sent_again_is_the_newest_job(
    reanalysis: Reanalysis, intake: Intake, spool: Spool, processing: Processing, done: JobId
) -> None:
    newest = reanalysis.again(done).job_id
    processing.run_analysis(newest)

    accepted = intake.accept(receive(spool))

    assert (accepted.job_id, accepted.duplicate) == (newest, True)


def test_a_broker_that_is_down_does_not_lose_the_job(
    reanalysis: Reanalysis, queue: RecordingQueue, processing: Processing, done: JobId
) -> None:
    queue.is_down = True
    job_id = reanalysis.again(done).job_id
    queue.is_down = False
    processing.sweep()

    assert queue.analyses[-1] == job_id


def test_an_unknown_job_is_named(reanalysis: Reanalysis) -> None:
    with pytest.raises(StateError) as raised:
        reanalysis.again(new_job_id())
    assert raised.value.code == "job_not_found"


def test_an_instance_that_is_gone_is_named(
    reanalysis: Reanalysis, database: Database, spool: Spool, done: JobId
) -> None:
    with database.reading() as unit:
        job = unit.jobs.get(done)
    assert job is not None
    Path(spool.instance_path(job)).unlink()

    with pytest.raises(StateError) as raised:
        reanalysis.again(done)
    assert raised.value.code == "instance_not_kept"


def test_a_conflicting_instance_is_never_analysed(
    reanalysis: Reanalysis, intake: Intake, spool: Spool, done: JobId
) -> None:
    with pytest.raises(ConflictingInstance) as refused:
        intake.accept(receive(spool, content=b"other pixels"))

    with pytest.raises(StateError) as raised:
        reanalysis.again(JobId(refused.value.job_id))
    assert raised.value.code == "conflict"
    assert done


def test_all_of_other_models_are_repeated_once(
    reanalysis: Reanalysis, queue: RecordingQueue, intake: Intake, spool: Spool, done: JobId
) -> None:
    waiting = intake.accept(receive(spool, "1.2.3.5", b"not analysed yet")).job_id
    rung = list(queue.analyses)

    assert reanalysis.of_other_models([MODEL.sha256]) == 0
    assert reanalysis.of_other_models(["cd" * 32]) == 1
    assert reanalysis.of_other_models(["cd" * 32]) == 0, "it has a later job now"
    assert queue.analyses == rung, "workers hear of them by the sweep"
    assert {done, waiting} <= set(rung)


def test_a_delivery_that_failed_does_not_keep_a_result_from_being_renewed(
    database: Database, spool: Spool, queue: RecordingQueue, intake: Intake, reanalysis: Reanalysis
) -> None:
    pacs = ScriptedDeliverer()
    processing = Processing(database, spool, queue, ScriptedAnalysis(), {"pacs": pacs}, write_end)
    job_id = intake.accept(receive(spool)).job_id
    processing.run_analysis(job_id)
    processing.run_delivery(job_id)

    again = reanalysis.again(job_id).job_id
    processing.run_analysis(again)
    processing.run_delivery(again)

    uids = [uid for uid, _ in pacs.received]
    assert uids[: len(uids) // 2] == uids[len(uids) // 2 :], "the same objects go out again"
