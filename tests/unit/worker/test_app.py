import pytest
from celery import Celery

from service.errors import StateError
from service.processing import LEASE_SECONDS, Processing
from service.queue import ANALYSE_TASK, ANALYSIS_QUEUE, DELIVER_TASK, DELIVERY_QUEUE
from service.worker.app import TIME_LIMIT_SECONDS, make_celery


def never() -> Processing:
    raise AssertionError("opened in the parent process")


@pytest.fixture
def celery() -> Celery:
    return make_celery("redis://127.0.0.1:1/0", never)


def test_only_json_is_accepted(celery: Celery) -> None:
    assert (celery.conf.accept_content, celery.conf.task_serializer) == (["json"], "json")


def test_a_message_is_acknowledged_when_its_task_ends_and_never_repeated_by_celery(
    celery: Celery,
) -> None:
    assert celery.conf.task_acks_late
    assert not celery.conf.task_reject_on_worker_lost
    assert celery.conf.worker_prefetch_multiplier == 1


def test_redis_gives_no_message_away_while_its_task_may_run(celery: Celery) -> None:
    options = celery.conf.broker_transport_options

    assert celery.conf.task_time_limit == TIME_LIMIT_SECONDS
    assert options["visibility_timeout"] > celery.conf.task_time_limit > LEASE_SECONDS


def test_an_abandoned_message_is_looked_for_every_ten_seconds(celery: Celery) -> None:
    """kombu multiplies the two; its defaults of 10 and 10 made a redelivery take 102 s."""
    options = celery.conf.broker_transport_options

    assert options["unacked_restore_interval"] * options["unacked_restore_throttle"] <= 10


def test_there_are_two_queues_and_no_other_can_be_made(celery: Celery) -> None:
    assert {queue.name for queue in celery.conf.task_queues} == {ANALYSIS_QUEUE, DELIVERY_QUEUE}
    assert not celery.conf.task_create_missing_queues


def test_no_results_are_stored_in_the_broker(celery: Celery) -> None:
    assert celery.conf.result_backend is None
    assert celery.conf.task_ignore_result


def test_workers_take_no_commands_over_the_broker(celery: Celery) -> None:
    assert not celery.conf.worker_enable_remote_control
    assert not celery.conf.worker_send_task_events


def test_a_worker_looks_for_a_lost_broker_for_ever(celery: Celery) -> None:
    assert celery.conf.broker_connection_max_retries is None
    assert celery.conf.broker_connection_retry_on_startup


@pytest.mark.parametrize("task", [ANALYSE_TASK, DELIVER_TASK])
def test_no_task_runs_in_a_process_that_has_nothing_open(celery: Celery, task: str) -> None:
    with pytest.raises(StateError):
        celery.tasks[task]("0" * 32)
