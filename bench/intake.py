"""Images per second of the intake: C-STORE until file and row are durable, as a markdown table.

The listener is a process of its own with the service's spool, database (SQLite, synchronous=FULL)
and intake; only the queue is silent. The senders are raw sockets with messages built beforehand,
so that the listener is what is measured.
"""

import argparse
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import psutil
from rich.console import Console
from rich.progress import track

from service.inbound.dicom_scp import ListenerOptions, start_listener
from service.inbound.limits import Limits
from service.intake import Intake
from service.persistence.migrations import migrate
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.queue import SilentQueue
from service.telemetry.logging import configure_logging

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.builders import build_dx, write_part10
from tests.raw_dimse import COMMAND, DX, LAST, RawPeer, p_data, status_of, store_rq

SIDES = {"512 KB": 512, "8 MB": 2048}
IMAGES = {"512 KB": 64, "8 MB": 16}
ASSOCIATIONS = (1, 8)
FRAGMENT_BYTES = 131_072 - 6
MEGABYTE = 1_000_000
UID_PLACE = b"2.25.100000000000000"

Case = tuple[str, int]
"""Size of the objects and number of associations."""


def serve(home: Path, ready: Connection) -> None:
    """Run a listener until the other end of `ready` says stop."""
    configure_logging("console", level="ERROR")  # a line for each store would be most of the output
    url = f"sqlite:///{home / 'thorax.db'}"
    migrate(url)
    spool = Spool(home)
    intake = Intake(Database(url), spool, SilentQueue(), 0)
    options = ListenerOptions("THORAX", port=0, limits=Limits(reserve_bytes=0))
    listener = start_listener(options, intake.accept, spool)
    ready.send(listener.port)
    ready.recv()
    listener.stop()


def data_set(folder: Path, side: int) -> bytes:
    """Return an encoded radiograph of `side` x `side` pixels of two bytes."""
    pixels = np.random.default_rng(side).integers(0, 4096, (side, side), dtype=np.uint16)
    path = write_part10(build_dx(pixels, SOPInstanceUID=UID_PLACE.decode()), folder / "film.dcm")
    content = path.read_bytes()
    return content[content.index(b"\x08\x00\x05\x00CS") :]


def messages(template: bytes, numbers: Sequence[int]) -> list[bytes]:
    """Return one C-STORE request for each number, each with a UID of its own."""
    return [_message(template, f"2.25.1{number:014d}".encode()) for number in numbers]


def _message(template: bytes, uid: bytes) -> bytes:
    content = template.replace(UID_PLACE, uid, 1)
    fragments = [p_data(COMMAND | LAST, store_rq(DX, uid))]
    for start in range(0, len(content), FRAGMENT_BYTES):
        control = LAST if start + FRAGMENT_BYTES >= len(content) else 0
        fragments.append(p_data(control, content[start : start + FRAGMENT_BYTES]))
    return b"".join(fragments)


def send(port: int, requests: Sequence[bytes], statuses: list[int]) -> None:
    """Send over one association, waiting for each answer."""
    with RawPeer(port, seconds=120.0) as peer:
        peer.associate()
        for request in requests:
            peer.send(request)
            statuses.append(status_of(peer.read()))


def images_per_second(port: int, requests: Sequence[bytes], associations: int) -> float:
    """Send all requests over so many associations at once."""
    statuses: list[int] = []
    senders = [
        threading.Thread(target=send, args=(port, requests[each::associations], statuses))
        for each in range(associations)
    ]
    started = perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    if statuses != [0] * len(requests):
        raise SystemExit(f"not all were taken: {sorted(set(statuses))}, {len(statuses)} answers")
    return len(requests) / (perf_counter() - started)


@contextmanager
def listener(home: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Run a listener; give its port and its process."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(home, theirs))
    process.start()
    try:
        yield ours.recv(), psutil.Process(process.pid)
    finally:
        ours.send("stop")
        process.join()


def measure(port: int, templates: dict[str, bytes], runs: int) -> dict[Case, list[float]]:
    """Return images per second of each run.

    The cases take turns, so that a busy moment of the machine does not hit one of them alone.
    """
    cases = [(size, count) for size in SIDES for count in ASSOCIATIONS]
    turns = [case for seed in range(runs) for case in _shuffled(cases, seed)]
    found: dict[Case, list[float]] = {case: [] for case in cases}
    progress = track(turns, "intake", console=Console(stderr=True), transient=True)
    for turn, (size, associations) in enumerate(progress):
        numbers = range(turn * 1000, turn * 1000 + IMAGES[size])
        requests = messages(templates[size], numbers)
        found[size, associations].append(images_per_second(port, requests, associations))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with TemporaryDirectory() as home, listener(Path(home)) as (port, process):
        templates = {size: data_set(Path(home), side) for size, side in SIDES.items()}
        found = measure(port, templates, runs)
        memory = process.memory_info().rss / MEGABYTE
    print(f"Images per second of the durable intake, median of {runs} (range):\n")
    print("| object | associations | images/s | MB/s |\n|---|---|---|---|")
    for (size, count), speeds in found.items():
        range_ = f"{min(speeds):.1f}-{max(speeds):.1f}"
        megabytes = 2 * SIDES[size] ** 2 / MEGABYTE
        speed = median(speeds)
        print(f"| {size} | {count} | {speed:.1f} ({range_}) | {speed * megabytes:.0f} |")
    print(f"\nThe listener's memory afterwards: {memory:.0f} MB\n")


def _shuffled(cases: list[Case], seed: int) -> list[Case]:
    return Random(seed).sample(cases, len(cases))  # noqa: S311 - only an order


if __name__ == "__main__":
    main()
