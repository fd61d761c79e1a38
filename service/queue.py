"""The doorbell: tells workers that a job waits. The database knows; a lost ring costs seconds."""

import threading
import time
from typing import Final, Protocol

from celery import Celery
from kombu.entity import Exchange, Queue
from kombu.exceptions import ChannelError, KombuError

from service.domain.identifiers import JobId
from service.errors import OutOfResources
from service.telemetry.logging import get_logger

log = get_logger(__name__)

ANALYSE_TASK: Final = "thorax.analyse"
DELIVER_TASK: Final = "thorax.deliver"
ANALYSIS_QUEUE: Final = "gpu"
DELIVERY_QUEUE: Final = "delivery"

REST_SECONDS = 5.0
"""After a failed ring nobody tries for this long, so that no store waits for a dead broker."""

_ANSWER_SECONDS = 1.0
_ONE_ATTEMPT = {
    "socket_timeout": _ANSWER_SECONDS,
    "socket_connect_timeout": _ANSWER_SECONDS,
    "socket_keepalive": True,
    "max_retries": 0,
}
# The default exchange needs no binding, and a binding is what FLUSHALL would take from a
# connection that thinks it has made it already.
QUEUES: Final = {
    name: Queue(name, Exchange(""), routing_key=name) for name in (ANALYSIS_QUEUE, DELIVERY_QUEUE)
}


class JobQueue(Protocol):
    """What intake, processing and the API know of the queue.

    All raise OutOfResources (`broker_unavailable`) within about a second when it is away.
    """

    def ring_analysis(self, job_id: JobId) -> None:
        """Tell a worker that this job waits to be analysed."""

    def ring_delivery(self, job_id: JobId) -> None:
        """Tell a worker that results of this job wait to be delivered."""

    def waiting_analyses(self) -> int:
        """Return how many analyses are rung for and not yet taken."""

    def waiting_deliveries(self) -> int:
        """Return how many deliveries are rung for and not yet taken."""


class CeleryQueue:
    """Rings through Celery's broker by task name; knows no task's code. Safe between threads."""

    def __init__(self, broker_url: str) -> None:
        self._celery = Celery("thorax-bell", broker=broker_url, set_as_current=False)
        self._celery.conf.update(broker_transport_options=_ONE_ATTEMPT, task_serializer="json")
        connection = self._celery.connection_for_write()  # opens nothing yet
        self._broker_errors = (
            KombuError,
            OSError,
            *connection.connection_errors,
            *connection.channel_errors,
        )
        self._rests_until = 0.0
        self._lock = threading.Lock()

    def ring_analysis(self, job_id: JobId) -> None:
        """Put the job id into the queue `gpu`."""
        self._ring(ANALYSE_TASK, ANALYSIS_QUEUE, job_id)

    def ring_delivery(self, job_id: JobId) -> None:
        """Put the job id into the queue `delivery`."""
        self._ring(DELIVER_TASK, DELIVERY_QUEUE, job_id)

    def waiting_analyses(self) -> int:
        """Return the length of the queue `gpu`."""
        return self._length(ANALYSIS_QUEUE)

    def waiting_deliveries(self) -> int:
        """Return the length of the queue `delivery`."""
        return self._length(DELIVERY_QUEUE)

    def close(self) -> None:
        """Close the connections."""
        self._celery.close()

    def _ring(self, task: str, queue: str, job_id: JobId) -> None:
        if time.monotonic() < self._rests_until:
            raise OutOfResources("the broker did not answer lately", code="broker_unavailable")
        try:
            self._celery.send_task(
                task, (job_id,), queue=QUEUES[queue], retry=False, ignore_result=True
            )
        except self._broker_errors as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            raise OutOfResources("the broker does not answer", code="broker_unavailable") from error

    def _length(self, queue: str) -> int:
        try:
            with self._celery.pool.acquire(block=True, timeout=_ANSWER_SECONDS) as connection:
                declared = connection.default_channel.queue_declare(queue, passive=True)
                return int(declared.message_count)
        except ChannelError:  # Redis knows no empty queues
            return 0
        except self._broker_errors as error:
            raise OutOfResources("the broker does not answer", code="broker_unavailable") from error


class SilentQueue:
    """Rings for nobody: where there is no broker, the sweep of a worker finds the jobs."""

    def ring_analysis(self, job_id: JobId) -> None:
        """Do nothing."""

    def ring_delivery(self, job_id: JobId) -> None:
        """Do nothing."""

    def waiting_analyses(self) -> int:
        """Return 0."""
        return 0

    def waiting_deliveries(self) -> int:
        """Return 0."""
        return 0
