import signal

import pytest
from celery.signals import setup_logging, worker_process_init

from service.errors import ModelPackageError, StateError
from service.processing import Processing
from service.worker import lifecycle as lifecycle_module
from service.worker.lifecycle import Lifecycle


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


def test_a_pool_process_that_cannot_open_ends_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    # The parent of this process is not a worker: it must not get the signal.
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(lifecycle_module.os, "kill", lambda pid, how: told.append((pid, how)))
    monkeypatch.setattr(lifecycle_module.os, "getppid", lambda: 12345)

    def fail() -> Processing:
        raise ModelPackageError

    lifecycle = Lifecycle(fail)
    lifecycle.connect()
    worker_process_init.send(sender=None)

    assert told == [(12345, signal.SIGTERM)]
    with pytest.raises(StateError):
        lifecycle.processing()


def test_celery_leaves_logging_to_us() -> None:
    Lifecycle(open_nothing).connect()

    assert setup_logging.receivers
