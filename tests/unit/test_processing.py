import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service import processing as processing_module
from service.domain.analysis import ObjectKind, Reason
from service.domain.delivering import Offer
from service.domain.identifiers import JobId
from service.domain.job import Delivery, DeliveryState, Job, JobState
from service.domain.outcome import Outcome
from service.errors import OutOfResources, PeerError, PeerRefused
from service.intake import Intake
from service.persistence.jobs import MAXIMUM_ATTEMPTS, RETRY_AFTER
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.processing import LEASE_SECONDS, LONGEST_QUEUE, Processing
from service.telemetry.metrics import REGISTRY
from tests.fake_work import (
    MODEL,
    ScriptedAnalysis,
    ScriptedDeliverer,
    skipping_analysis,
    write_end,
)
from tests.fakes import MovableClock, RecordingQueue, receive

A_WHILE = 20


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
def job_id(database: Database, spool: Spool, queue: RecordingQueue) -> JobId:
    """A job whose instance holds `pixels`."""
    return Intake(database, spool, queue, 0).accept(receive(spool)).job_id


@pytest.fixture
def analysed(processing: Processing, job_id: JobId) -> JobId:
    """A job whose SEG and SR wait for the destination `pacs`."""
    processing.run_analysis(job_id)
    return job_id


def job_of(processing: Processing, job_id: JobId) -> Job:
    with processing.database.reading() as unit:
        job = unit.jobs.get(job_id)
    assert job is not None
    return job


def state_of(processing: Processing, job_id: JobId) -> tuple[JobState, str | None]:
    job = job_of(processing, job_id)
    return job.state, job.reason.code if job.reason else None


def deliveries_of(processing: Processing, job_id: JobId) -> tuple[Delivery, ...]:
    with processing.database.reading() as unit:
        return unit.deliveries.of_job(job_id)


def result_of(processing: Processing, job_id: JobId) -> dict[str, object]:
    text = (processing.spool.result_folder(job_id) / "result.json").read_text()
    result: dict[str, object] = json.loads(text)
    return result


def leftovers(processing: Processing) -> list[Path]:
    results = processing.spool.result_folder(JobId(""))
    return list((results / ".staging").iterdir())


def raising(error: BaseException) -> Callable[[object], None]:
    def fail(_: object) -> None:
        raise error

    return fail


# analysis


def test_an_analysis_leaves_results_an_outbox_and_a_ring(
    processing: Processing, analysed: JobId, queue: RecordingQueue
) -> None:
    assert state_of(processing, analysed) == (JobState.DELIVERING, None)
    assert job_of(processing, analysed).model == MODEL
    path = processing.spool.result_folder(analysed) / "seg.dcm"
    assert path.read_bytes() == b"segpixels"
    assert [each.kind for each in deliveries_of(processing, analysed)] == ["seg", "sr"]
    assert queue.deliveries == [analysed]
    assert leftovers(processing) == []


def test_each_object_goes_to_each_destination(
    processing: Processing, job_id: JobId, pacs: ScriptedDeliverer
) -> None:
    two = replace(processing, destinations={"pacs": pacs.route, "archive": pacs.route})

    two.run_analysis(job_id)

    found = {(each.destination, each.kind) for each in deliveries_of(two, job_id)}
    assert found == {(name, kind) for name in ("pacs", "archive") for kind in ("seg", "sr")}


def test_without_destinations_an_analysed_job_is_done(
    processing: Processing, job_id: JobId, queue: RecordingQueue
) -> None:
    replace(processing, destinations={}).run_analysis(job_id)

    assert state_of(processing, job_id) == (JobState.DONE, None)
    assert queue.deliveries == []


def test_a_skipped_instance_keeps_its_result_and_is_delivered_nowhere(
    processing: Processing, job_id: JobId, queue: RecordingQueue
) -> None:
    replace(processing, analyse=skipping_analysis).run_analysis(job_id)

    assert state_of(processing, job_id) == (JobState.SKIPPED, "not_chest")
    assert result_of(processing, job_id) == {"status": "skipped"}
    assert deliveries_of(processing, job_id) == ()
    assert queue.deliveries == []


def test_a_second_message_for_an_analysed_job_does_nothing(
    processing: Processing, analysed: JobId, analysis: ScriptedAnalysis
) -> None:
    processing.run_analysis(analysed)

    assert analysis.calls == 1


def test_a_message_for_an_unknown_job_does_nothing(
    processing: Processing, analysis: ScriptedAnalysis
) -> None:
    processing.run_analysis(JobId("0" * 32))

    assert analysis.calls == 0


def test_of_two_workers_with_the_same_message_one_analyses(
    processing: Processing, job_id: JobId, analysis: ScriptedAnalysis
) -> None:
    started, go_on = threading.Event(), threading.Event()

    def hold(_: Path) -> None:
        started.set()
        assert go_on.wait(A_WHILE)

    analysis.before = hold
    first = threading.Thread(target=processing.run_analysis, args=(job_id,))
    first.start()
    assert started.wait(A_WHILE)
    processing.run_analysis(job_id)  # returns at once
    go_on.set()
    first.join(A_WHILE)

    assert analysis.calls == 1
    assert state_of(processing, job_id)[0] is JobState.DELIVERING


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(OutOfResources("no memory on the device"), "out_of_resources", id="retryable"),
        pytest.param(KeyError("DOE^JANE"), "internal_error", id="bug"),
        pytest.param(MemoryError(), "out_of_resources", id="memory"),
    ],
)
def test_a_failed_attempt_is_repeated_and_the_third_failure_is_the_end(
    processing: Processing,
    job_id: JobId,
    analysis: ScriptedAnalysis,
    clock: MovableClock,
    error: Exception,
    code: str,
) -> None:
    analysis.before = raising(error)
    for wait in (*RETRY_AFTER, timedelta(days=1)):
        processing.run_analysis(job_id)
        clock.now += wait
    processing.run_analysis(job_id)

    assert analysis.calls == MAXIMUM_ATTEMPTS
    assert state_of(processing, job_id) == (JobState.DEAD, code)
    assert result_of(processing, job_id) == {"status": "dead", "code": code}
    assert leftovers(processing) == []


def test_the_reason_of_a_bug_quotes_nothing_of_the_instance(
    processing: Processing, job_id: JobId, analysis: ScriptedAnalysis
) -> None:
    analysis.before = raising(KeyError("DOE^JANE"))

    processing.run_analysis(job_id)

    reason = job_of(processing, job_id).reason
    assert reason is not None
    assert reason.text == "unexpected KeyError"


def test_an_attempt_after_a_failure_can_still_succeed(
    processing: Processing, job_id: JobId, analysis: ScriptedAnalysis, clock: MovableClock
) -> None:
    analysis.before = raising(OutOfResources())
    processing.run_analysis(job_id)
    analysis.before = lambda _: None
    clock.now += RETRY_AFTER[0]

    processing.run_analysis(job_id)

    assert state_of(processing, job_id) == (JobState.DELIVERING, None)


def test_an_end_that_cannot_be_written_does_not_keep_the_job_from_ending(
    processing: Processing, job_id: JobId, analysis: ScriptedAnalysis, clock: MovableClock
) -> None:
    def fail(_folder: Path, _job: Job) -> None:
        raise OSError("disk full")

    failing = replace(processing, write_end=fail)
    analysis.before = raising(OutOfResources())
    for _ in range(MAXIMUM_ATTEMPTS):
        failing.run_analysis(job_id)
        clock.move(minutes=1)

    assert state_of(failing, job_id)[0] is JobState.DEAD


def test_a_result_that_comes_too_late_is_thrown_away(
    processing: Processing,
    job_id: JobId,
    analysis: ScriptedAnalysis,
    clock: MovableClock,
    queue: RecordingQueue,
) -> None:
    """The first worker stalls without a heartbeat; the second, whose lease is good, ends first."""
    second = replace(processing, analyse=ScriptedAnalysis(kinds=(ObjectKind.SC,)))

    def stall(_: Path) -> None:
        clock.move(seconds=LEASE_SECONDS)
        second.run_analysis(job_id)

    analysis.before = stall
    processing.run_analysis(job_id)

    assert [each.kind for each in deliveries_of(processing, job_id)] == [ObjectKind.SC]
    assert not (processing.spool.result_folder(job_id) / "seg.dcm").exists()
    assert job_of(processing, job_id).attempts == 2
    assert queue.deliveries == [job_id]
    assert leftovers(processing) == []


def test_results_that_cannot_be_put_in_place_leave_no_trace_in_the_database(
    processing: Processing, job_id: JobId
) -> None:
    """State, outbox and folder change together: here the folder cannot."""

    def analyse_and_lose(path: Path, folder: Path) -> Outcome:
        outcome = ScriptedAnalysis()(path, folder)
        processing.spool.result_folder(job_id).parent.joinpath(job_id).touch()
        folder.rename(folder.with_name("elsewhere"))
        return outcome

    replace(processing, analyse=analyse_and_lose).run_analysis(job_id)

    assert state_of(processing, job_id) == (JobState.QUEUED, "storage_failed")
    assert deliveries_of(processing, job_id) == ()


def test_the_lease_is_renewed_while_the_analysis_lasts(
    processing: Processing,
    job_id: JobId,
    analysis: ScriptedAnalysis,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processing_module, "HEARTBEAT_SECONDS", 0.01)  # rather than wait for it
    renewing = threading.Event()

    def outlast_the_lease(_: Path) -> None:
        clock.move(seconds=LEASE_SECONDS - 1)
        clock.when_asked = renewing.set  # a renewal asks for the time, holding the row
        assert renewing.wait(A_WHILE)
        clock.when_asked = lambda: None
        clock.move(seconds=2)  # beyond the first lease
        with processing.database.unit() as unit:
            assert unit.jobs.claim(job_id, "another", LEASE_SECONDS) is None

    analysis.before = outlast_the_lease
    processing.run_analysis(job_id)

    assert state_of(processing, job_id)[0] is JobState.DELIVERING


def test_a_broker_that_is_down_does_not_undo_an_analysis(
    processing: Processing, job_id: JobId, queue: RecordingQueue
) -> None:
    queue.is_down = True

    processing.run_analysis(job_id)

    assert state_of(processing, job_id)[0] is JobState.DELIVERING


# delivery


def test_delivered_objects_end_the_job(
    processing: Processing, analysed: JobId, pacs: ScriptedDeliverer
) -> None:
    processing.run_delivery(analysed)

    expected = [each.sop_instance_uid for each in deliveries_of(processing, analysed)]
    assert [uid for uid, _ in pacs.received] == expected
    assert [content for _, content in pacs.received] == [b"segpixels", b"srpixels"]
    assert state_of(processing, analysed) == (JobState.DONE, None)


def test_a_peer_that_is_away_is_tried_again_later(
    processing: Processing, analysed: JobId, pacs: ScriptedDeliverer, clock: MovableClock
) -> None:
    pacs.behave = raising(PeerError("no association"))
    processing.run_delivery(analysed)
    waiting = deliveries_of(processing, analysed)
    assert {each.state for each in waiting} == {DeliveryState.WAITING}
    assert {each.reason.code for each in waiting if each.reason} == {"peer_unreachable"}
    assert state_of(processing, analysed) == (JobState.DELIVERING, None)

    pacs.behave = lambda _: None
    clock.move(seconds=2)
    processing.run_delivery(analysed)

    assert state_of(processing, analysed) == (JobState.DONE, None)


def test_a_refused_object_is_dead_at_once_and_the_others_still_go(
    processing: Processing, analysed: JobId, pacs: ScriptedDeliverer
) -> None:
    def refuse_seg(offer: Offer) -> None:
        if offer.wanted is ObjectKind.SEG:
            raise PeerRefused("SOP Class not supported", code="class_refused")

    pacs.behave = refuse_seg
    processing.run_delivery(analysed)

    seg, sr = deliveries_of(processing, analysed)
    assert seg.state is DeliveryState.DEAD
    assert seg.reason is not None
    assert seg.reason.code == "class_refused"
    assert (sr.state, sr.reason) == (DeliveryState.DELIVERED, None)
    assert state_of(processing, analysed) == (JobState.DEAD, "delivery_failed")


def test_one_destination_that_is_away_does_not_hold_another(
    processing: Processing, job_id: JobId, pacs: ScriptedDeliverer
) -> None:
    away = ScriptedDeliverer(raising(PeerError()))
    both = replace(processing, destinations={"away": away.route, "pacs": pacs.route})
    both.run_analysis(job_id)

    both.run_delivery(job_id)

    assert len(pacs.received) == 2


def test_a_bug_in_a_deliverer_is_tried_again(
    processing: Processing, analysed: JobId, pacs: ScriptedDeliverer
) -> None:
    pacs.behave = raising(ZeroDivisionError())

    processing.run_delivery(analysed)

    first = deliveries_of(processing, analysed)[0]
    assert first.state is DeliveryState.WAITING
    assert first.reason is not None
    assert first.reason.code == "internal_error"


def test_a_destination_that_is_no_longer_configured_is_waited_for(
    processing: Processing, analysed: JobId
) -> None:
    replace(processing, destinations={}).run_delivery(analysed)

    reasons = {each.reason.code for each in deliveries_of(processing, analysed) if each.reason}
    assert reasons == {"unknown_destination"}


def test_a_delivery_cut_off_by_a_kill_is_repeated_with_the_same_object(
    processing: Processing, analysed: JobId, pacs: ScriptedDeliverer, clock: MovableClock
) -> None:
    """The peer got it but we died before we wrote it down: at least once, the same UID."""
    pacs.behave = raising(KeyboardInterrupt())  # leaves like a kill does: nothing is recorded
    with pytest.raises(KeyboardInterrupt):
        processing.run_delivery(analysed)
    pacs.behave = lambda _: None
    clock.move(seconds=LEASE_SECONDS)

    processing.run_delivery(analysed)

    uids = [each.sop_instance_uid for each in deliveries_of(processing, analysed)]
    assert sorted(uid for uid, _ in pacs.received) == sorted(uids)
    assert state_of(processing, analysed) == (JobState.DONE, None)


def test_a_delivery_that_ended_too_late_changes_nothing(
    processing: Processing, analysed: JobId, pacs: ScriptedDeliverer, clock: MovableClock
) -> None:
    second = replace(processing, destinations={"pacs": ScriptedDeliverer().route})

    def stall(_: Offer) -> None:
        pacs.behave = lambda _: None
        clock.move(seconds=LEASE_SECONDS)
        second.run_delivery(analysed)
        raise PeerRefused

    pacs.behave = stall
    processing.run_delivery(analysed)

    assert state_of(processing, analysed) == (JobState.DONE, None)


def test_attempts_and_stand_ins_are_counted(
    processing: Processing, analysed: JobId, pacs: ScriptedDeliverer
) -> None:
    def attempts(outcome: str) -> float:
        labels = {"kind": "scripted", "outcome": outcome}
        return REGISTRY.get_sample_value("thorax_delivery_attempts_total", labels) or 0.0

    def instead() -> float:
        return REGISTRY.get_sample_value("thorax_delivered_instead_total") or 0.0

    def refuse_seg(offer: Offer) -> None:
        if offer.wanted is ObjectKind.SEG:
            raise PeerRefused("SOP Class not supported", code="class_refused")

    before = attempts("delivered"), attempts("class_refused"), instead()
    pacs.behave = refuse_seg
    pacs.why = Reason("stand_in", "the peer accepts no Comprehensive SR Storage")

    processing.run_delivery(analysed)

    now = attempts("delivered"), attempts("class_refused"), instead()
    assert [after - each for after, each in zip(now, before, strict=True)] == [1, 1, 1]


def test_what_was_sent_and_why_is_in_the_row(
    processing: Processing, analysed: JobId, pacs: ScriptedDeliverer
) -> None:
    pacs.why = Reason("other_form", "the peer accepts no Label Map Segmentation Storage")

    processing.run_delivery(analysed)

    for row in deliveries_of(processing, analysed):
        assert row.sent is not None
        assert (row.sent.kind, row.sent.why) == (row.kind, pacs.why)


def test_the_rest_is_of_the_family_of_the_segmentation_that_the_peer_has(
    processing: Processing, job_id: JobId, pacs: ScriptedDeliverer
) -> None:
    """The peer refuses the better family once, and would take it for the next object."""
    offered: list[tuple[str, ...]] = []

    def second_best_for_seg(offer: Offer) -> None:
        offered.append(tuple(family.name for family in offer.families))

    pacs.families, pacs.behave, pacs.position = ("better", ""), second_best_for_seg, -1
    two = replace(processing, destinations={"pacs": pacs.route})
    two.run_analysis(job_id)
    better = two.spool.result_folder(job_id) / "better"
    better.mkdir()
    for kind in ("seg", "sr"):
        (better / f"{kind}.dcm").write_bytes(b"better")

    two.run_delivery(job_id)

    assert offered == [("better", ""), ("",)]


def test_delivering_a_job_twice_sends_nothing_twice(
    processing: Processing, analysed: JobId, pacs: ScriptedDeliverer
) -> None:
    for _ in range(2):
        processing.run_delivery(analysed)

    assert len(pacs.received) == 2


# sweep


def test_a_sweep_rings_again_for_what_waits_too_long(
    processing: Processing, job_id: JobId, queue: RecordingQueue, clock: MovableClock
) -> None:
    queue.analyses.clear()  # as FLUSHALL does
    processing.sweep()
    assert queue.analyses == []

    clock.move(seconds=10)
    processing.sweep()

    assert queue.analyses == [job_id]


def test_a_sweep_rings_again_for_deliveries_that_are_due(
    processing: Processing, analysed: JobId, queue: RecordingQueue, clock: MovableClock
) -> None:
    queue.deliveries.clear()
    clock.move(seconds=10)

    processing.sweep()

    assert queue.deliveries == [analysed]


def test_a_sweep_ends_a_job_whose_worker_was_lost_each_time(
    processing: Processing, job_id: JobId, clock: MovableClock
) -> None:
    for _ in range(MAXIMUM_ATTEMPTS):
        with processing.database.unit() as unit:
            assert unit.jobs.claim(job_id, "killed", LEASE_SECONDS) is not None
        clock.move(seconds=LEASE_SECONDS)

    processing.sweep()

    assert state_of(processing, job_id) == (JobState.DEAD, "worker_lost")
    assert result_of(processing, job_id) == {"status": "dead", "code": "worker_lost"}


def test_a_full_queue_is_not_filled_further(
    processing: Processing, job_id: JobId, queue: RecordingQueue, clock: MovableClock
) -> None:
    """With all workers down for a night, repeated rings would fill the broker's memory."""
    queue.analyses += [job_id] * LONGEST_QUEUE
    clock.move(hours=1)

    processing.sweep()

    assert len(queue.analyses) == 1 + LONGEST_QUEUE


def test_a_sweep_without_a_broker_forgets_no_job(
    processing: Processing, job_id: JobId, queue: RecordingQueue, clock: MovableClock
) -> None:
    clock.move(seconds=10)
    queue.analyses.clear()
    queue.is_down = True
    processing.sweep()
    queue.is_down = False

    processing.sweep()

    assert queue.analyses == [job_id]
