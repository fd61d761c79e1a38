"""A real Celery worker whose analysis and destination do what files tell them.

Run as `python -m tests.worker_under_test HOME DATABASE_URL BROKER_URL QUEUE`. In HOME/script:
`hold-analysis` and `hold-delivery` keep the work waiting while they exist, `poison` makes the
analysis of a content equal to its text kill its own process, `cannot-open` fails the start,
`pool` names Celery's pool. In HOME/seen: `analysing` and `delivered` get one line each time.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from service.domain.analysis import ObjectKind
from service.domain.delivering import DEFAULT_FAMILY, Offer, Profile, Sent
from service.domain.outcome import Outcome
from service.errors import ModelPackageError
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.processing import SWEEP_SECONDS, Processing, Route
from service.queue import CeleryQueue
from service.telemetry.logging import configure_logging
from service.worker.app import make_celery, run_worker
from tests.fake_work import AS_TOLD, SEGMENTATION_STORAGE, ScriptedAnalysis, uid_of, write_end


class Script:
    """What the test wants, and what it gets to see."""

    def __init__(self, home: Path) -> None:
        self._wanted = home / "script"
        self._seen = home / "seen"

    def wants(self, name: str) -> bool:
        return (self._wanted / name).exists()

    def text(self, name: str) -> bytes | None:
        return (self._wanted / name).read_bytes() if self.wants(name) else None

    def hold(self, name: str) -> None:
        while self.wants(name):
            time.sleep(0.05)  # in another process than the test: nothing to wait on

    def note(self, name: str, line: str) -> None:
        with (self._seen / name).open("a") as file:
            file.write(f"{line}\n")


class Worker:
    """Stands in for the models and for the PACS."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def analyse(self, path: Path, folder: Path) -> Outcome:
        content = path.read_bytes()
        self._script.note("analysing", f"{content.decode()} {os.getpid()}")
        if content == self._script.text("poison"):
            os.kill(os.getpid(), signal.SIGKILL)
        self._script.hold("hold-analysis")
        return ScriptedAnalysis()(path, folder)

    def deliver(self, offer: Offer) -> Sent:
        (path,) = offer.families[0].files[offer.wanted]
        uid = uid_of(path.read_bytes())
        self._script.note("delivered", f"{offer.wanted} {uid} {os.getpid()}")
        self._script.hold("hold-delivery")
        syntax = "1.2.840.10008.1.2.1"
        return Sent(offer.wanted, DEFAULT_FAMILY, SEGMENTATION_STORAGE, uid, syntax, AS_TOLD)


def sweep_for_ever(processing: Processing) -> None:
    """As service.bootstrap does; importing that would bring all of the models' libraries."""
    while True:
        time.sleep(SWEEP_SECONDS)
        processing.sweep()


def main(home: Path, database_url: str, broker_url: str, queue: str) -> None:
    configure_logging("json")
    script = Script(home)

    def open_processing() -> Processing:
        if script.wants("cannot-open"):
            raise ModelPackageError("the weights do not match")
        worker = Worker(script)
        processing = Processing(
            Database(database_url),
            Spool(home),
            CeleryQueue(broker_url),
            worker.analyse,
            {"pacs": Route("scripted", worker, Profile(tuple(ObjectKind)))},
            write_end,
        )
        threading.Thread(target=sweep_for_ever, args=(processing,), daemon=True).start()
        script.note("opened", f"{queue} {os.getpid()}")
        return processing

    pool = script.text("pool")
    run_worker(make_celery(broker_url, open_processing), queue, 1, pool and pool.decode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:5])
