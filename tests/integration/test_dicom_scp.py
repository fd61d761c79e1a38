"""The listener as real senders see it: DCMTK, pynetdicom, and a raw socket for what they cannot."""

import hashlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE

from service.dimse.negotiation import RECEIVED_SOP_CLASSES, RECEIVED_TRANSFER_SYNTAXES
from service.dimse.part10 import IMPLEMENTATION_CLASS_UID
from service.domain.identifiers import JobId
from service.domain.instance import ReceivedInstance
from service.errors import ConflictingInstance, OutOfResources, ServiceError
from service.inbound.dicom_scp import ListenerOptions, start_listener
from service.inbound.doorkeeper import CallingPeer
from service.inbound.identify import identify
from service.inbound.limits import Limits
from service.telemetry.metrics import REGISTRY
from tests.builders import build_cr, build_dx, build_sc, write_part10
from tests.listening import FolderSpool, Listening, Taken, listening
from tests.peers import require
from tests.raw_dimse import (
    ABORT,
    ASSOCIATE_AC,
    ASSOCIATE_RJ,
    COMMAND,
    DX,
    EXPLICIT,
    IMPLICIT,
    LAST,
    VERIFICATION,
    RawPeer,
    associate_rq,
    comment_of,
    find_rq,
    p_data,
    status_of,
    store_rq,
)

OPTIONS = ListenerOptions(ae_title="THORAX", port=0)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Listening]:
    with listening(tmp_path, OPTIONS) as running:
        yield running


def data_set_of(path: Path) -> bytes:
    """Return the data set's bytes of a Part 10 file."""
    return path.read_bytes()[identify(path).header.data_set_offset :]


def film(folder: Path, dataset: Dataset | None = None, syntax: str = EXPLICIT) -> tuple[Path, str]:
    """Return a Part 10 file and its SOP Instance UID."""
    dataset = dataset or build_dx()
    path = write_part10(dataset, folder / f"{dataset.SOPInstanceUID}.film", syntax)
    return path, str(dataset.SOPInstanceUID)


def dcmtk(program: str, port: int, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a DCMTK sender against the listener."""
    command = [require(program), "-aec", "THORAX", "127.0.0.1", str(port), *arguments]
    return subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, check=False
    )


def raising(error: Exception) -> Callable[[ReceivedInstance], None]:
    def before(_: ReceivedInstance) -> None:
        raise error

    return before


# What is taken


def test_a_film_arrives_byte_by_byte_as_a_part_10_file_of_ours(
    door: Listening, tmp_path: Path
) -> None:
    path, uid = film(tmp_path)

    with RawPeer(door.port) as peer:
        status = status_of(peer.associate().store(uid, data_set_of(path)))
        peer.release()

    received = door.intake.only()
    kept = door.intake.path(received)
    assert status == 0x0000
    assert data_set_of(kept) == data_set_of(path)
    assert dcmread(kept).file_meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert received.reference.sop_instance_uid == uid
    assert received.content_sha256 == hashlib.sha256(data_set_of(path)).hexdigest()
    assert received.content_sha256 == identify(path).content_sha256
    assert (received.size_bytes, received.source) == (kept.stat().st_size, "TESTER")
    assert door.spool.files() == []


def test_outcomes_are_counted_by_code(tmp_path: Path) -> None:
    def counted(outcome: str) -> float:
        labels = {"protocol": "dicom", "outcome": outcome}
        return REGISTRY.get_sample_value("thorax_instances_received_total", labels) or 0.0

    outcomes = ("accepted", "no_space", "internal_error")
    before = [counted(each) for each in outcomes]
    path, uid = film(tmp_path)
    with listening(tmp_path, OPTIONS) as door, RawPeer(door.port) as peer:
        peer.associate()
        for error in (None, OutOfResources("full", code="no_space"), ZeroDivisionError()):
            door.intake.before = raising(error) if error else lambda _: None
            status_of(peer.store(uid, data_set_of(path)))
        peer.release()

    assert [counted(each) for each in outcomes] == [each + 1 for each in before]


def test_the_answer_comes_after_acceptance_and_never_before(tmp_path: Path) -> None:
    asked, may_go_on = threading.Event(), threading.Event()

    def before(received: ReceivedInstance) -> None:
        assert received.temporary_path.stat().st_size == received.size_bytes
        asked.set()
        assert may_go_on.wait(20)

    path, uid = film(tmp_path)
    with (
        listening(tmp_path, OPTIONS, before=before) as door,
        RawPeer(door.port).associate() as peer,
    ):
        peer.begin_store(uid)
        peer.send(p_data(LAST, data_set_of(path)))
        assert asked.wait(20)
        peer.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            peer.read()
        peer.socket.settimeout(20)
        may_go_on.set()

        assert status_of(peer.read()) == 0x0000


@pytest.mark.parametrize(
    "sop_class_uid", RECEIVED_SOP_CLASSES, ids=lambda each: each.name.replace(" ", "-")
)
def test_every_class_is_taken_in_every_syntax(door: Listening, sop_class_uid: str) -> None:
    for syntax in RECEIVED_TRANSFER_SYNTAXES:
        with RawPeer(door.port) as peer:
            peer.send(associate_rq([(sop_class_uid, [syntax])]))
            kind, body = peer.read()

        assert kind == ASSOCIATE_AC
        assert context_results(body) == {1: 0}


def test_contexts_that_we_do_not_serve_are_refused_one_by_one(door: Listening) -> None:
    segmentation, deflated = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.1.2.1.99"
    with RawPeer(door.port) as peer:
        peer.send(associate_rq([(DX, [EXPLICIT]), (segmentation, [EXPLICIT]), (DX, [deflated])]))
        _, body = peer.read()

    # 3: abstract syntax not supported, 4: transfer syntaxes not supported (PS3.8 table 9-18)
    assert context_results(body) == {1: 0, 3: 3, 5: 4}


def context_results(body: bytes) -> dict[int, int]:
    """Return result by context id of an A-ASSOCIATE-AC."""
    found, offset = {}, 68
    while offset < len(body):
        length = int.from_bytes(body[offset + 2 : offset + 4], "big")
        if body[offset] == 0x21:
            found[body[offset + 4]] = body[offset + 6]
        offset += 4 + length
    return found


@pytest.mark.parametrize("step", [2, 1000, 16_000, 131_000], ids=lambda step: f"{step} bytes")
def test_fragments_of_any_size_make_the_same_object(
    door: Listening, tmp_path: Path, step: int
) -> None:
    path, uid = film(tmp_path, build_sc())
    data_set = data_set_of(path)

    with RawPeer(door.port) as peer:
        peer.associate(associate_rq([(build_sc().SOPClassUID, [EXPLICIT])]))
        reply = peer.store(uid, data_set, build_sc().SOPClassUID, step)

    assert status_of(reply) == 0x0000
    assert data_set_of(door.intake.path(door.intake.only())) == data_set


def test_many_senders_at_once_all_arrive(door: Listening, tmp_path: Path) -> None:
    films = [film(tmp_path) for _ in range(24)]
    statuses: list[int] = []

    def send(part: list[tuple[Path, str]]) -> None:
        with RawPeer(door.port) as peer:
            peer.associate()
            for path, uid in part:
                statuses.append(status_of(peer.store(uid, data_set_of(path))))

    threads = [threading.Thread(target=send, args=(films[each::8],)) for each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [0x0000] * len(films)
    assert {each.reference.sop_instance_uid for each in door.intake.received} == {
        uid for _, uid in films
    }


# What is refused, and how


@pytest.mark.parametrize(
    "hostile",
    [
        b"../../../../tmp/x",
        b"/tmp/x",
        b"1.2\0/../x",
        b"1.2;touch x",
        "1.2.é".encode(),
        b"1" * 65,
        b"",
    ],
    ids=ascii,
)
def test_a_hostile_uid_in_the_command_is_not_understood(
    door: Listening, tmp_path: Path, hostile: bytes
) -> None:
    path, uid = film(tmp_path)

    with RawPeer(door.port) as peer:
        peer.associate()
        reply = peer.store(hostile, data_set_of(path))
        after = peer.store(uid, data_set_of(path))

    assert status_of(reply) == 0xC000
    assert comment_of(reply) == "AffectedSOPInstanceUID is not a valid UID"
    assert status_of(after) == 0x0000
    assert door.spool.files() == []


def test_a_command_that_names_another_instance_than_its_data_set_is_a_mismatch(
    door: Listening, tmp_path: Path
) -> None:
    path, _ = film(tmp_path)

    with RawPeer(door.port) as peer:
        reply = peer.associate().store("1.2.3.4", data_set_of(path))

    assert status_of(reply) == 0xA900
    assert door.intake.received == []
    assert door.spool.files() == []


@pytest.mark.parametrize(
    "content", [b"", b"<html>" * 50, b"\x08\x00\x16\x00UI\x08\x00"], ids=["none", "HTML", "half"]
)
def test_a_data_set_that_is_none_is_not_understood(door: Listening, content: bytes) -> None:
    with RawPeer(door.port) as peer:
        reply = peer.associate().store("1.2.3.4", content)

    assert status_of(reply) == 0xC000
    assert door.spool.files() == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OutOfResources(), 0xA700),
        (ConflictingInstance(job_id="0"), 0x0111),
        (ServiceError(), 0x0110),
        (ZeroDivisionError("Doe^John"), 0x0110),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_what_intake_says_is_told_to_the_sender(
    tmp_path: Path, error: Exception, status: int
) -> None:
    path, uid = film(tmp_path)
    with (
        listening(tmp_path, OPTIONS, before=raising(error)) as door,
        RawPeer(door.port).associate() as peer,
    ):
        reply = peer.store(uid, data_set_of(path))

        assert status_of(reply) == status
        assert "Doe" not in comment_of(reply)
        assert door.spool.files() == []


def test_a_spool_that_cannot_be_written_is_out_of_resources(
    door: Listening, tmp_path: Path
) -> None:
    path, uid = film(tmp_path)
    door.spool.folder.rmdir()

    with RawPeer(door.port) as peer:
        peer.associate()
        refused = peer.store(uid, data_set_of(path))
        door.spool.folder.mkdir()
        taken = peer.store(uid, data_set_of(path))

    assert status_of(refused) == 0xA700
    assert status_of(taken) == 0x0000


def test_a_service_that_was_not_negotiated_ends_the_association(door: Listening) -> None:
    with RawPeer(door.port) as peer:
        peer.associate()
        peer.send(p_data(COMMAND | LAST, find_rq()))

        assert peer.read()[0] == ABORT


def test_requests_that_do_not_wait_for_answers_end_the_association(tmp_path: Path) -> None:
    held = threading.Event()
    path, uid = film(tmp_path)
    request = p_data(COMMAND | LAST, store_rq(DX, uid)) + p_data(LAST, data_set_of(path))

    with listening(tmp_path, OPTIONS, before=lambda _: held.wait(20)) as door:
        with RawPeer(door.port) as peer:
            peer.associate()
            peer.send(request * 4)
            kind, _ = peer.read()
            held.set()

        assert kind == ABORT


# Who may come


def rejection_of(port: int, request: bytes) -> tuple[int, int, int]:
    with RawPeer(port) as peer:
        peer.send(request)
        kind, body = peer.read()
    assert kind == ASSOCIATE_RJ
    return body[1], body[2], body[3]


def test_another_called_ae_title_is_rejected(door: Listening) -> None:
    assert rejection_of(door.port, associate_rq(called="OTHER")) == (1, 1, 7)


def test_an_unknown_calling_ae_title_is_rejected(tmp_path: Path) -> None:
    options = replace(OPTIONS, peers=(CallingPeer("TESTER"), CallingPeer("AFAR", "192.0.2.1")))
    with listening(tmp_path, options) as door:
        assert rejection_of(door.port, associate_rq(calling="STRANGER")) == (1, 1, 3)
        assert rejection_of(door.port, associate_rq(calling="AFAR")) == (1, 1, 3)
        with RawPeer(door.port) as peer:
            peer.associate().release()


def test_below_the_reserve_nobody_is_taken_until_there_is_space_again(door: Listening) -> None:
    door.spool.free = 1000

    assert rejection_of(door.port, associate_rq()) == (2, 3, 2)

    door.spool.free = Limits().reserve_bytes
    with RawPeer(door.port) as peer:
        peer.associate().release()


# Stopping


def test_stopping_finishes_what_is_in_flight_and_takes_nothing_new(tmp_path: Path) -> None:
    entered, may_go_on = threading.Event(), threading.Event()

    def before(_: ReceivedInstance) -> None:
        entered.set()
        assert may_go_on.wait(20)

    path, uid = film(tmp_path)
    folder = tmp_path / "tmp"
    folder.mkdir()
    received: list[ReceivedInstance] = []

    def accept(instance: ReceivedInstance) -> Taken:
        before(instance)
        received.append(instance)
        return Taken(JobId("0"))

    listener = start_listener(OPTIONS, accept, FolderSpool(folder))
    with RawPeer(listener.port).associate() as busy, RawPeer(listener.port).associate() as idle:
        busy.begin_store(uid)
        busy.send(p_data(LAST, data_set_of(path)))
        assert entered.wait(20)
        stopping = threading.Thread(target=listener.stop)
        stopping.start()

        assert idle.read()[0] == ABORT
        with pytest.raises(OSError, match=r".*"):
            RawPeer(listener.port)
        may_go_on.set()
        assert status_of(busy.read()) == 0x0000
        stopping.join(20)

    assert not stopping.is_alive()
    assert len(received) == 1
    assert listener.connections == 0


# Real senders


@pytest.mark.peer
def test_echoscu_is_answered(door: Listening) -> None:
    assert dcmtk("echoscu", door.port).returncode == 0


@pytest.mark.peer
def test_storescu_sends_plain_and_bare_files(door: Listening, tmp_path: Path) -> None:
    plain, uid = film(tmp_path, build_cr())
    bare_uid = generate_uid()
    other, _ = film(tmp_path, build_cr(SOPInstanceUID=bare_uid), IMPLICIT)
    bare = tmp_path / "bare.film"
    bare.write_bytes(data_set_of(other))

    sent = dcmtk("storescu", door.port, "-R", plain, bare)

    assert sent.returncode == 0, sent.stderr
    assert {each.reference.sop_instance_uid for each in door.intake.received} == {uid, bare_uid}


@pytest.mark.peer
@pytest.mark.parametrize(
    "syntax",
    [EXPLICIT, "1.2.840.10008.1.2.5"] + [f"1.2.840.10008.1.2.4.{number}" for number in (80, 90)],
)
def test_dcmsend_sends_what_it_has_unchanged(door: Listening, tmp_path: Path, syntax: str) -> None:
    path, _ = film(tmp_path, build_dx(), syntax)

    # It would decompress lossless ones, and turn plain ones into explicit little endian.
    sent = dcmtk("dcmsend", door.port, "-dn", path)

    received = door.intake.only()
    assert sent.returncode == 0, sent.stderr
    assert received.transfer_syntax_uid == syntax
    kept, original = dcmread(door.intake.path(received)), dcmread(path)
    assert kept.PixelData == original.PixelData


@pytest.mark.peer
def test_real_radiographs_arrive_by_dcmsend_and_storescu(
    door: Listening, shared_data: Path
) -> None:
    files = sorted((shared_data / "data" / "dicom" / "chest").glob("*.dcm"))
    bare = [each for each in files if not identify(each).header.is_part10]
    part10 = [each for each in files if each not in bare]

    by_dcmsend = dcmtk("dcmsend", door.port, *part10)
    by_storescu = dcmtk("storescu", door.port, "-R", *bare)

    assert by_dcmsend.returncode == by_storescu.returncode == 0
    assert {each.reference.sop_instance_uid for each in door.intake.received} == {
        identify(each).reference.sop_instance_uid for each in files
    }


def test_pynetdicom_associates_and_echoes(door: Listening) -> None:
    entity = AE("TESTER")
    entity.add_requested_context(VERIFICATION)
    association = entity.associate("127.0.0.1", door.port, ae_title="THORAX")
    try:
        assert association.send_c_echo().Status == 0x0000
    finally:
        association.release()
