"""What hostile and broken peers do to a real listener; guard.py promises one behaviour per test.

Deadlines are options, so these tests use short ones; each waits for the listener to act.
"""

import io
import logging
import random
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from service.inbound.dicom_scp import ListenerOptions
from service.inbound.limits import Limits
from service.telemetry.logging import configure_logging
from tests.builders import build_dx, write_part10
from tests.integration.test_dicom_scp import data_set_of
from tests.listening import Listening, listening
from tests.processes import eventually
from tests.raw_dimse import (
    ABORT,
    COMMAND,
    DX,
    EXPLICIT,
    LAST,
    P_DATA,
    RawPeer,
    associate_rq,
    p_data,
    status_of,
    store_rq,
)

SECONDS = 20.0
PAUSE = 0.05
LIMITS = Limits(
    silence_seconds=0.5,
    minimum_bytes_per_second=10_000,
    idle_seconds=30.0,
    evictable_seconds=0.2,
    maximum_object_bytes=1 << 20,
    maximum_connections=20,
    maximum_connections_per_peer=20,
)
PATIENT = Limits(maximum_connections=3, maximum_connections_per_peer=3, evictable_seconds=0.2)


def options(limits: Limits) -> ListenerOptions:
    return ListenerOptions(ae_title="THORAX", port=0, limits=limits)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Listening]:
    with listening(tmp_path, options(LIMITS)) as running:
        yield running


@pytest.fixture
def film(tmp_path: Path) -> tuple[str, bytes]:
    """A SOP Instance UID and its data set."""
    dataset = build_dx()
    path = write_part10(dataset, tmp_path / "good.film")
    return str(dataset.SOPInstanceUID), data_set_of(path)


def assert_still_serving(door: Listening, film: tuple[str, bytes]) -> None:
    with RawPeer(door.port) as peer:
        assert status_of(peer.associate().store(*film)) == 0x0000


def wait_until_all_are_gone(door: Listening) -> None:
    eventually(lambda: door.listener.connections == 0, SECONDS, "all connections gone")


# Peers that stop in the middle

HALVES: dict[str, Callable[[RawPeer], None]] = {
    "nothing at all": lambda _: None,
    "half a PDU head": lambda peer: peer.send(b"\x01\x00\x00"),
    "half an association request": lambda peer: peer.send(associate_rq()[:50]),
    "half a data PDU": lambda peer: peer.associate().send(p_data(0, bytes(1000))[:500]),
    "a command without its data": lambda peer: peer.associate().begin_store("1.2.3"),
    "half a data set": lambda peer: _begin_data_set(peer.associate()),
}


def _begin_data_set(peer: RawPeer) -> None:
    peer.begin_store("1.2.3")
    peer.send(p_data(0, bytes(1000)))


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES.keys())
def test_a_peer_that_stops_in_the_middle_is_sent_away_and_others_are_served(
    door: Listening, film: tuple[str, bytes], half: Callable[[RawPeer], None]
) -> None:
    with RawPeer(door.port, SECONDS) as stalled:
        half(stalled)
        assert_still_serving(door, film)

        assert stalled.is_closed()

    wait_until_all_are_gone(door)
    assert door.spool.files() == []


@pytest.mark.parametrize("stage", ["association request", "data set"])
def test_a_peer_that_drips_is_sent_away_though_it_is_never_silent(
    door: Listening, stage: str
) -> None:
    pause = threading.Event()
    with RawPeer(door.port, SECONDS) as drip:
        if stage == "data set":
            _begin_data_set(drip.associate())
        bytes_to_drip = iter(
            associate_rq() if stage == "association request" else p_data(0, b"x" * 500)
        )
        drips = (drip.send(bytes([each])) or pause.wait(PAUSE) for each in bytes_to_drip)
        with pytest.raises(ConnectionError):
            deque(drips, maxlen=0)

    wait_until_all_are_gone(door)


def test_an_idle_association_is_aborted(tmp_path: Path) -> None:
    with listening(tmp_path, options(replace(LIMITS, idle_seconds=0.3))) as door:
        with RawPeer(door.port, SECONDS) as idle:
            kind, _ = idle.associate().read()

        assert kind == ABORT


# Peers that ask for too much


@pytest.mark.parametrize("kind", [1, P_DATA], ids=["association request", "data"])
def test_a_length_field_of_four_gigabytes_closes_the_connection(
    door: Listening, film: tuple[str, bytes], kind: int
) -> None:
    with RawPeer(door.port, SECONDS) as liar:
        if kind == P_DATA:
            liar.associate()
        liar.send(struct.pack(">BxL", kind, 0xFFFFFFF0))

        assert liar.is_closed()

    assert_still_serving(door, film)


def test_the_limit_that_we_announce_is_the_one_that_holds(door: Listening) -> None:
    allowed = LIMITS.maximum_pdu_bytes - 6
    with RawPeer(door.port, SECONDS) as peer:
        peer.associate()
        peer.begin_store("1.2.3")
        peer.send(p_data(0, bytes(allowed)))
        peer.send(p_data(LAST, bytes(allowed)))
        assert status_of(peer.read()) == 0xC000

        peer.send(p_data(LAST, bytes(allowed + 1))[:6])
        assert peer.is_closed()


def test_an_endless_data_set_is_cut_off_at_the_object_limit(
    door: Listening, film: tuple[str, bytes]
) -> None:
    fragment = p_data(0, bytes(LIMITS.maximum_pdu_bytes - 6))
    with RawPeer(door.port, SECONDS) as endless:
        endless.associate()
        endless.begin_store("1.2.3")
        count = 100 * LIMITS.maximum_object_bytes // len(fragment)
        with pytest.raises(ConnectionError):
            deque((endless.send(fragment) for _ in range(count)), maxlen=0)

    wait_until_all_are_gone(door)
    assert door.spool.files() == []
    assert_still_serving(door, film)


def test_an_endless_command_is_cut_off(door: Listening) -> None:
    with RawPeer(door.port, SECONDS) as peer:
        peer.associate()
        peer.send(p_data(COMMAND, bytes(LIMITS.maximum_command_bytes + 1)))

        assert peer.read()[0] == ABORT


def test_a_request_stuffed_with_tiny_items_is_not_even_parsed(door: Listening) -> None:
    with RawPeer(door.port, SECONDS) as peer:
        peer.send(associate_rq([(DX, ["1.2"] * 5000)]))

        assert peer.is_closed()


def test_a_pdu_stuffed_with_tiny_values_is_not_even_parsed(door: Listening) -> None:
    values = struct.pack(">LBB", 2, 1, 0) * 1000
    with RawPeer(door.port, SECONDS) as peer:
        peer.associate()
        peer.send(struct.pack(">BxL", P_DATA, len(values)) + values)

        assert peer.is_closed()


# Peers that come in numbers


def test_idle_associations_lock_nobody_out(tmp_path: Path, film: tuple[str, bytes]) -> None:
    with listening(tmp_path, options(PATIENT)) as door:
        idlers = [RawPeer(door.port).associate() for _ in range(PATIENT.maximum_connections)]
        eventually(lambda: _can_store(door, film), SECONDS, "a store among idlers")

        assert idlers[0].is_closed()
        for idler in idlers:
            idler.socket.close()


def test_silent_connections_lock_nobody_out(tmp_path: Path, film: tuple[str, bytes]) -> None:
    with listening(tmp_path, options(PATIENT)) as door:
        silent = [RawPeer(door.port) for _ in range(PATIENT.maximum_connections)]
        eventually(lambda: _can_store(door, film), SECONDS, "a store among silent ones")

        for each in silent:
            each.socket.close()


def test_who_is_at_work_keeps_his_place(tmp_path: Path, film: tuple[str, bytes]) -> None:
    held, entered = threading.Event(), threading.Semaphore(0)

    def before(_: object) -> None:
        entered.release()
        held.wait(SECONDS)

    uid, data_set = film
    with listening(tmp_path, options(PATIENT), before=before) as door:
        busy = [RawPeer(door.port).associate() for _ in range(PATIENT.maximum_connections)]
        for peer in busy:
            peer.begin_store(uid)
            peer.send(p_data(LAST, data_set))
            assert entered.acquire(timeout=SECONDS)

        with RawPeer(door.port) as late:
            assert late.is_closed()
        held.set()

        assert {status_of(peer.read()) for peer in busy} == {0x0000}
        for peer in busy:
            peer.socket.close()


def _can_store(door: Listening, film: tuple[str, bytes]) -> bool:
    try:
        assert_still_serving(door, film)
    except (OSError, EOFError):
        return False
    return True


# Peers that make no sense

_RANDOM = random.Random(1)  # noqa: S311 - repeatable
GARBAGE: dict[str, bytes] = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(517),
    "an unknown PDU": struct.pack(">BxL", 9, 4) + bytes(4),
    "a release before an association": struct.pack(">BxL", 5, 4) + bytes(4),
    "data before an association": p_data(COMMAND | LAST, store_rq(DX, "1.2.3")),
    "an empty data PDU": associate_rq() + struct.pack(">BxL", P_DATA, 0),
    "a data value without a control byte": associate_rq() + struct.pack(">BxLLB", P_DATA, 5, 1, 1),
    "a command that is none": associate_rq() + p_data(COMMAND | LAST, b"\xff" * 100),
    "a command nested deeply": associate_rq()
    + p_data(
        COMMAND | LAST, struct.pack("<HHLHHL", 0, 1, 0xFFFFFFFF, 0xFFFE, 0xE000, 0xFFFFFFFF) * 500
    ),
    "data without a command": associate_rq() + p_data(LAST, b"\x08\x00\x16\x00"),
    "a context that was not negotiated": associate_rq()
    + p_data(COMMAND | LAST, store_rq(DX, "1.2.3"), context_id=99)
    + p_data(LAST, b"\x08\x00\x16\x00", context_id=99),
    "a second association request": associate_rq() + associate_rq(),
    "noise": _RANDOM.randbytes(3000),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_nonsense_ends_its_own_connection_and_nothing_else(
    door: Listening, film: tuple[str, bytes], garbage: bytes
) -> None:
    with RawPeer(door.port, SECONDS) as peer:
        peer.send(garbage)

        assert peer.is_closed()

    assert_still_serving(door, film)
    wait_until_all_are_gone(door)
    assert door.spool.files() == []


def test_mutated_requests_never_stop_the_listener(door: Listening, film: tuple[str, bytes]) -> None:
    rng = random.Random(2)  # noqa: S311 - repeatable
    for _ in range(40):
        content = bytearray(associate_rq() + p_data(COMMAND | LAST, store_rq(DX, film[0])))
        for _ in range(5):
            content[rng.randrange(6, len(content))] = rng.randrange(256)
        with RawPeer(door.port, SECONDS) as peer:
            peer.send(bytes(content))

    wait_until_all_are_gone(door)
    assert_still_serving(door, film)


@pytest.mark.parametrize("leave", [RawPeer.reset, lambda peer: peer.socket.close()])
def test_breaking_off_leaves_no_file_no_row_and_no_thread(
    door: Listening, leave: Callable[[RawPeer], None]
) -> None:
    before = threading.active_count()
    for _ in range(10):
        peer = RawPeer(door.port)
        _begin_data_set(peer.associate())
        leave(peer)

    wait_until_all_are_gone(door)
    eventually(lambda: threading.active_count() <= before, SECONDS, "threads gone")
    assert door.spool.files() == []
    assert door.intake.received == []


def test_the_log_holds_no_identifier_and_no_name(
    tmp_path: Path, quiet_logging: io.StringIO
) -> None:
    dataset = build_dx(PatientName="CANARY^NAME", SOPInstanceUID="1.2.3.271828")
    data_set = data_set_of(write_part10(dataset, tmp_path / "canary.film"))

    with listening(tmp_path, options(LIMITS)) as door, RawPeer(door.port) as peer:
        peer.associate(associate_rq([(DX, [EXPLICIT])]))
        statuses = [
            status_of(peer.store(uid, data_set))
            for uid in ("1.2.3.271828", "9.9.314159", b"CANARY/../x", b"5" * 70)
        ]

    assert statuses == [0x0000, 0xA900, 0xC000, 0xC000]
    log = quiet_logging.getvalue()
    assert "instance_accepted" in log
    assert "uid_mismatch" in log
    for canary in ("CANARY", "271828", "314159", "5555"):
        assert canary not in log


@pytest.fixture
def quiet_logging() -> Iterator[io.StringIO]:
    """The log as the service configures it, in a buffer; put back as it was at the end."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("json", level="DEBUG", stream=stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
