"""The Celery application of a worker, with measured settings (docs/reliability.md)."""

from collections.abc import Callable
from typing import Any, Final

import billiard
from celery import Celery

from service.processing import Processing
from service.queue import QUEUES
from service.worker.lifecycle import Lifecycle
from service.worker.reconnecting import Reconnecting
from service.worker.tasks import add_tasks

TIME_LIMIT_SECONDS: Final = 300
"""A task that takes longer is killed; its lease runs out and counts as a failed attempt."""

VISIBILITY_SECONDS: Final = 2 * TIME_LIMIT_SECONDS
"""When Redis gives an unacknowledged message to another worker: never while its task may run."""

_CONFIGURATION: Final[dict[str, Any]] = {
    "accept_content": ["json"],
    "task_serializer": "json",
    "task_ignore_result": True,
    "task_queues": tuple(QUEUES.values()),
    "task_create_missing_queues": False,
    "task_acks_late": True,
    # A killed process' task is acknowledged: the database counts attempts, and a message that
    # comes back at once would make a poisonous instance an endless loop.
    "task_reject_on_worker_lost": False,
    "task_time_limit": TIME_LIMIT_SECONDS,
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 1000,
    "worker_proc_alive_timeout": 120.0,  # models are opened before a process says it is up
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_transport_options": {
        "visibility_timeout": VISIBILITY_SECONDS,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
}


def make_celery(broker_url: str, open_processing: Callable[[], Processing]) -> Celery:
    """Return the application; each pool process calls `open_processing` after its fork."""
    celery = Celery("thorax", broker=broker_url)
    celery.conf.update(_CONFIGURATION)
    celery.steps["consumer"].add(Reconnecting)
    lifecycle = Lifecycle(open_processing)
    lifecycle.connect()
    add_tasks(celery, lifecycle.processing)
    return celery


def pool_of_this_platform() -> str:
    """Return `prefork`; `solo` where a fork is not safe (macOS), which has no time limit."""
    return "prefork" if billiard.get_start_method() == "fork" else "solo"


def run_worker(celery: Celery, queue: str, processes: int, pool: str | None = None) -> None:
    """Serve one queue until SIGTERM, which lets running tasks end.

    Each queue has a worker of its own, so that a PACS that is down holds no analysis.
    """
    celery.worker_main(
        [
            "--quiet",  # no banner: what is printed is the log
            "worker",
            f"--queues={queue}",
            f"--concurrency={processes}",
            f"--hostname={queue}@%h",
            f"--pool={pool or pool_of_this_platform()}",
            "--loglevel=WARNING",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )
