import signal

import pytest
from celery.signals import setup_logging, worker_process_init

from service.errors import ModelPackageError, StateError
from service.processing import Processing
from service.worker import lifecycle as lifecycle_module
from service.worker.lifecycle import EXIT_CANNOT_START, Lifecycle


def open_nothing() -> Processing:
    return "what was opened"  # type: ignore[return-value]


def test_nothing_is_open_before_the_pool_process_starts() -> None:
    opened: list[int] = []
    lifecycle = Lifecycle(lambda: opened.append(1) or open_nothing())  # type: ignore[func-returns-value]
    lifecycle.connect()

    with pytest.raises(StateError):
        lifecycle.processing()
    assert opened == []


def test_a_pool_process_opens_what_its_tasks_need_once() -> None:
    lifecycle = Lifecycle(open_nothing)
    lifecycle.connect()

    worker_process_init.send(sender=None)

    assert lifecycle.processing() is lifecycle.processing() is not None


def fail() -> Processing:
    raise ModelPackageError


def test_a_pool_process_that_cannot_open_ends_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process plays a pool process of worker 12345, and so must send no signal."""
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(lifecycle_module.os, "kill", lambda pid, how: told.append((pid, how)))
    with monkeypatch.context() as in_the_worker:
        in_the_worker.setattr(lifecycle_module.os, "getpid", lambda: 12345)
        lifecycle = Lifecycle(fail)
    lifecycle.connect()

    worker_process_init.send(sender=None)

    assert told == [(12345, signal.SIGTERM)]
    with pytest.raises(StateError):
        lifecycle.processing()


def test_a_worker_without_pool_processes_that_cannot_open_ends() -> None:
    Lifecycle(fail).connect()

    with pytest.raises(SystemExit) as raised:
        worker_process_init.send(sender=None)
    assert raised.value.code == EXIT_CANNOT_START


def test_celery_leaves_logging_to_us() -> None:
    Lifecycle(open_nothing).connect()

    assert setup_logging.receivers
