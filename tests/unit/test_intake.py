import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service.domain.instance import ReceivedInstance
from service.domain.job import Job, JobState
from service.encoders.end import write_end
from service.errors import ConflictingInstance, OutOfResources, RejectedInstance
from service.intake import CONFLICT, Intake
from service.persistence.session import Database
from service.persistence.spool import Spool
from tests.fakes import START, RecordingQueue, receive, reference

PARALLEL = 32


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def intake(database: Database, spool: Spool, queue: RecordingQueue) -> Intake:
    return Intake(database, spool, queue, reserve_bytes=0)


def again(path: Path) -> ReceivedInstance:
    """Identify a kept file as the listener's own scan would; its content names its UID."""
    content = path.read_bytes()
    return ReceivedInstance(
        reference=reference(content.decode()),
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        temporary_path=path,
        content_sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        source="recovered",
        received_at=START,
    )


def states(intake: Intake) -> list[JobState]:
    with intake.database.reading() as unit:
        return [job.state for job in unit.jobs.page(None, 100, None)]


def test_an_accepted_instance_is_kept_recorded_and_rung_for(
    intake: Intake, spool: Spool, queue: RecordingQueue
) -> None:
    accepted = intake.accept(receive(spool, content=b"pixels"))

    with intake.database.reading() as unit:
        job = unit.jobs.get(accepted.job_id)
    assert job is not None
    assert job.state is JobState.QUEUED
    assert spool.instance_path(job).read_bytes() == b"pixels"
    assert queue.analyses == [accepted.job_id]
    assert not accepted.duplicate


def test_the_same_instance_again_is_the_same_job(
    intake: Intake, spool: Spool, queue: RecordingQueue
) -> None:
    first, second = (intake.accept(receive(spool)) for _ in range(2))

    assert (second.job_id, second.duplicate) == (first.job_id, True)
    assert states(intake) == [JobState.QUEUED]
    assert queue.analyses == [first.job_id]


def test_an_instance_sent_many_times_at_once_is_accepted_each_time_and_one_job(
    intake: Intake, spool: Spool, queue: RecordingQueue
) -> None:
    received = [receive(spool) for _ in range(PARALLEL)]

    with ThreadPoolExecutor(PARALLEL) as pool:
        accepted = list(pool.map(intake.accept, received))

    assert len({each.job_id for each in accepted}) == 1
    assert sum(not each.duplicate for each in accepted) == 1
    assert states(intake) == [JobState.QUEUED]
    assert len(list(spool.kept_files())) == 1
    assert len(queue.analyses) == 1


def test_other_content_under_a_known_uid_is_kept_flagged_and_not_analysed(
    intake: Intake, spool: Spool, queue: RecordingQueue
) -> None:
    first = intake.accept(receive(spool, content=b"first"))

    with pytest.raises(ConflictingInstance) as raised:
        intake.accept(receive(spool, content=b"second", received_at=START + timedelta(seconds=1)))

    with intake.database.reading() as unit:
        conflict, original = unit.jobs.page(None, 10, None)
    assert (conflict.id, conflict.state, conflict.reason) == (
        raised.value.job_id,
        JobState.REJECTED,
        CONFLICT,
    )
    assert spool.instance_path(conflict).read_bytes() == b"second"
    assert spool.instance_path(original).read_bytes() == b"first"
    assert queue.analyses == [first.job_id]


def test_a_conflict_sent_again_is_the_same_conflict(intake: Intake, spool: Spool) -> None:
    intake.accept(receive(spool, content=b"first"))

    raised = []
    for _ in range(2):
        with pytest.raises(ConflictingInstance) as each:
            intake.accept(receive(spool, content=b"second"))
        raised.append(each.value.job_id)

    assert raised[0] == raised[1]
    assert sorted(states(intake)) == [JobState.QUEUED, JobState.REJECTED]


def test_a_conflict_has_a_result_that_says_so(intake: Intake, spool: Spool) -> None:
    telling = replace(intake, write_end=write_end)
    telling.accept(receive(spool, content=b"first"))

    with pytest.raises(ConflictingInstance) as raised:
        telling.accept(receive(spool, content=b"second"))

    job_id = raised.value.job_id
    assert job_id is not None
    result = json.loads((spool.result_folder(job_id) / "result.json").read_text())
    assert (result["status"], result["reason"]["code"]) == ("rejected", "conflict")
    assert result["source"]["sop_instance_uid"] == receive(spool).reference.sop_instance_uid


def test_a_conflict_is_answered_even_if_its_result_cannot_be_written(
    intake: Intake, spool: Spool
) -> None:
    def fail(_folder: Path, _job: Job) -> None:
        raise OSError("the disk is gone")

    telling = replace(intake, write_end=fail)
    telling.accept(receive(spool, content=b"first"))

    with pytest.raises(ConflictingInstance):
        telling.accept(receive(spool, content=b"second"))
    assert sorted(states(telling)) == [JobState.QUEUED, JobState.REJECTED]


def test_of_many_contents_sent_at_once_exactly_one_is_analysed(
    intake: Intake, spool: Spool
) -> None:
    received = [receive(spool, content=bytes([number])) for number in range(8)]

    def outcome(each: ReceivedInstance) -> bool:
        try:
            intake.accept(each)
        except ConflictingInstance:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        accepted = list(pool.map(outcome, received))

    assert sum(accepted) == 1
    assert sorted(states(intake)) == [JobState.QUEUED] + 7 * [JobState.REJECTED]


def test_a_broker_that_is_down_does_not_keep_instances_out(
    intake: Intake, spool: Spool, queue: RecordingQueue
) -> None:
    queue.is_down = True

    intake.accept(receive(spool))

    assert states(intake) == [JobState.QUEUED]


def test_nothing_is_taken_when_it_would_use_up_the_reserve(
    database: Database,
    spool: Spool,
    queue: RecordingQueue,
) -> None:
    intake = Intake(database, spool, queue, reserve_bytes=2**62)
    received = receive(spool)

    with pytest.raises(OutOfResources) as raised:
        intake.accept(received)

    assert raised.value.code == "no_space"
    assert list(spool.kept_files()) == []
    assert not received.temporary_path.exists()
    assert queue.analyses == []


def test_an_instance_is_refused_when_the_database_is_down(
    spool: Spool, queue: RecordingQueue
) -> None:
    database = Database("postgresql://thorax@127.0.0.1:1/thorax")
    intake = Intake(database, spool, queue, reserve_bytes=0)
    received = receive(spool)

    with pytest.raises(OutOfResources) as raised:
        intake.accept(received)

    assert raised.value.code == "database_unavailable"
    assert not received.temporary_path.exists()
    assert queue.analyses == []


def test_a_kept_file_without_a_row_is_recorded_at_the_next_start(
    intake: Intake, spool: Spool, queue: RecordingQueue
) -> None:
    """A crash between the rename and the commit leaves such a file."""
    intake.accept(receive(spool, "1.1", b"1.1"))
    spool.keep(receive(spool, "1.2", b"1.2"))

    assert intake.recover(again) == 1
    assert intake.recover(again) == 0

    assert states(intake) == [JobState.QUEUED] * 2
    assert len(queue.analyses) == 2


def test_a_conflicting_file_without_a_row_is_recorded_as_a_conflict(
    intake: Intake, spool: Spool
) -> None:
    intake.accept(receive(spool, "1.2", b"first"))
    spool.keep(receive(spool, "1.2", b"1.2"))

    assert intake.recover(again) == 1

    assert sorted(states(intake)) == [JobState.QUEUED, JobState.REJECTED]


def test_a_file_that_cannot_be_identified_does_not_keep_others_from_recovery(
    intake: Intake, spool: Spool
) -> None:
    for uid in ("1.1", "1.2", "1.3"):
        spool.keep(receive(spool, uid, uid.encode()))

    def identify(path: Path) -> ReceivedInstance:
        if path.read_bytes() == b"1.2":
            raise RejectedInstance
        return again(path)

    assert intake.recover(identify) == 2
    assert len(list(spool.kept_files())) == 3
