from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from celery.worker import state

from service.worker.app import make_celery
from service.worker.reconnecting import CHECKS_UNTIL_STUCK, Reconnecting
from tests.unit.worker.test_app import never


class Lost(Exception):
    """The broker's own connection error."""


class Task:
    """Stands for a message that this worker works on."""


@pytest.fixture(autouse=True)
def _no_tasks() -> Iterator[None]:
    state.reserved_requests.clear()
    yield
    state.reserved_requests.clear()


def consumer(*, can_consume: bool) -> SimpleNamespace:
    """Return the parts of Celery's consumer that are looked at; there is no smaller real one."""
    qos = SimpleNamespace(can_consume=lambda: can_consume)
    return SimpleNamespace(
        task_consumer=SimpleNamespace(channel=SimpleNamespace(qos=qos)),
        connection=SimpleNamespace(connection_errors=(Lost,)),
        hub=None,
    )


def test_a_worker_that_holds_a_message_but_has_no_task_connects_anew() -> None:
    stuck = consumer(can_consume=False)
    step = Reconnecting(stuck)
    for _ in range(CHECKS_UNTIL_STUCK - 1):
        step.check(stuck)

    with pytest.raises(Lost):
        step.check(stuck)


def test_a_worker_that_is_busy_is_left_alone() -> None:
    busy, task = consumer(can_consume=False), Task()
    state.reserved_requests.add(task)
    step = Reconnecting(busy)

    for _ in range(10):
        step.check(busy)


def test_a_worker_that_waits_for_messages_is_left_alone() -> None:
    idle = consumer(can_consume=True)
    step = Reconnecting(idle)

    for _ in range(10):
        step.check(idle)


def test_one_suspicion_between_two_tasks_is_forgotten() -> None:
    full, idle = consumer(can_consume=False), consumer(can_consume=True)
    step = Reconnecting(full)

    for _ in range(10):
        step.check(full)
        step.check(idle)


def test_a_new_connection_begins_without_suspicion() -> None:
    full = consumer(can_consume=False)
    step = Reconnecting(full)
    for _ in range(10):
        step.check(full)
        step.start(full)


def test_every_worker_looks() -> None:
    assert Reconnecting in make_celery("redis://127.0.0.1:1/0", never).steps["consumer"]
