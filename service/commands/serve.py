"""`thorax listen`, `thorax api`, `thorax worker`: one process each, until SIGTERM or Ctrl-C."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from service.bootstrap import (
    LazyAnalyse,
    Services,
    build_listener,
    build_processing,
    build_services,
    received_from_spool,
    start_sweeper,
)
from service.processing import Processing
from service.queue import ANALYSIS_QUEUE, DELIVERY_QUEUE
from service.settings import Settings, SettingsError
from service.telemetry.logging import configure_logging

PROCESSES = {ANALYSIS_QUEUE: 1, DELIVERY_QUEUE: 2}
"""Analyses share one set of open models and all cores; deliveries wait for peers."""


def run_listener(settings: Settings) -> None:
    """Take instances by C-STORE; what an earlier process kept without a row is recorded first."""
    with _process(settings, "listener") as services:
        stopping = _stop_signals()
        services.spool.sweep()
        services.intake.recover(received_from_spool)
        listener = build_listener(services)
        stopping.wait()
        listener.stop()


def run_api(settings: Settings) -> None:
    """Serve HTTP."""
    from service.api.server import serve

    with _process(settings, "api") as services:
        serve(services)


def run_worker(settings: Settings, queues: Sequence[str]) -> None:
    """Work for the named queues, each in a worker process of its own."""
    unknown = [queue for queue in queues if queue not in PROCESSES]
    if unknown:
        raise SettingsError(f"no queue {', '.join(unknown)}; there are {', '.join(PROCESSES)}")
    if len(queues) > 1:
        sys.exit(_run_one_each(queues))
    _run_queue(settings, queues[0])


def _run_queue(settings: Settings, queue: str) -> None:
    from billiard import current_process

    from service.worker.app import make_celery, run_worker

    configure_logging(settings.log_format)

    def open_processing() -> Processing:
        """Run in each pool process, after its fork."""
        services = build_services(settings)
        analyse = LazyAnalyse(services)
        if queue == ANALYSIS_QUEUE:
            analyse.warm_up()
        processing = build_processing(services, analyse)
        role = f"{queue}-{getattr(current_process(), 'index', 0)}"
        start_sweeper(services, processing, role, threading.Event())
        _say_ready(settings, queue)
        return processing

    celery = make_celery(settings.effective_broker_url, open_processing)
    run_worker(celery, queue, PROCESSES[queue])


def _run_one_each(queues: Sequence[str]) -> int:
    """Start a worker for each queue; when one ends, end all, so that whoever watches us sees it."""
    command = [sys.executable, "-m", "service.cli", "worker", "--queues"]
    workers = [subprocess.Popen([*command, queue]) for queue in queues]  # noqa: S603 - ourselves
    stopping = _stop_signals()
    while not stopping.wait(0.5) and all(worker.poll() is None for worker in workers):
        pass
    for worker in workers:
        worker.terminate()
    return max(abs(worker.wait()) for worker in workers)


def _say_ready(settings: Settings, queue: str) -> None:
    folder = settings.home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{queue}.ready").touch()


@contextmanager
def _process(settings: Settings, role: str) -> Iterator[Services]:
    configure_logging(settings.log_format)
    services = build_services(settings)
    stopping = threading.Event()
    sweeper = start_sweeper(services, build_processing(services), role, stopping)
    try:
        yield services
    finally:
        stopping.set()
        sweeper.join()
        services.database.close()


def _stop_signals() -> threading.Event:
    """Return an event that SIGTERM and Ctrl-C set."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping
