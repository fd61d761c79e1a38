"""Gets a worker going again whose broker went away while a task ran.

The message of that task cannot be acknowledged when it ends; Celery logs that and counts the
message as unacknowledged for ever. With a prefetch limit of one the worker then reads no more, so
it never notices that the connection is gone: it waits, alive and idle, until somebody restarts it
(celery 5.7 with kombu 5.7; seen in tests/integration/test_worker.py).
"""

from typing import Any, Final

from celery import bootsteps
from celery.worker import state

from service.telemetry.logging import get_logger

log = get_logger(__name__)

CHECK_SECONDS: Final = 5.0
CHECKS_UNTIL_STUCK: Final = 2
"""Between a task's end and its acknowledgement a healthy worker looks the same for an instant."""


class Reconnecting(bootsteps.StartStopStep):
    """Looks, inside the consumer's loop, whether it holds a message and yet has nothing to do."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:  # noqa: ANN401 - celery's
        super().__init__(consumer, **options)
        self._timer: Any = None
        self._suspicions = 0

    def start(self, consumer: Any) -> None:  # noqa: ANN401 - celery's
        """Begin to look; Celery calls this for every new connection."""
        self._suspicions = 0
        if consumer.hub is not None:
            self._timer = consumer.timer.call_repeatedly(CHECK_SECONDS, self.check, (consumer,))

    def stop(self, _consumer: Any) -> None:  # noqa: ANN401 - celery's
        """Look no more at a connection that is being given up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def check(self, consumer: Any) -> None:  # noqa: ANN401 - celery's
        """Raise the broker's own connection error when stuck: Celery then connects anew."""
        is_full = not consumer.task_consumer.channel.qos.can_consume()
        self._suspicions = self._suspicions + 1 if is_full and not state.reserved_requests else 0
        if self._suspicions >= CHECKS_UNTIL_STUCK:
            log.warning("worker_reconnects")
            raise consumer.connection.connection_errors[0]("a message was left unacknowledged")
