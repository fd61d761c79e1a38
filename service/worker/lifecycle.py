"""What a pool process has open: made after the fork, which connections do not survive."""

import os
import signal
from collections.abc import Callable

from celery.signals import setup_logging, worker_process_init

from service.errors import StateError
from service.processing import Processing
from service.telemetry.logging import get_logger

log = get_logger(__name__)

EXIT_CANNOT_START = 70  # EX_SOFTWARE of sysexits.h


class Lifecycle:
    """Calls `open_processing` once in each pool process of this worker."""

    def __init__(self, open_processing: Callable[[], Processing]) -> None:
        self._open = open_processing
        self._processing: Processing | None = None
        self._worker = os.getpid()

    def connect(self) -> None:
        """Have Celery tell us of new pool processes, and leave logging to us."""
        worker_process_init.connect(self._start, weak=False)
        setup_logging.connect(_keep_logging, weak=False)

    def processing(self) -> Processing:
        """Return what this process has opened."""
        if self._processing is None:
            raise StateError("this process is no started pool process")
        return self._processing

    def _start(self, **_details: object) -> None:
        """Open everything; when that fails the whole worker ends, visibly.

        Celery would only log it and go on with a process that fails every task.
        """
        try:
            self._processing = self._open()
        except Exception as error:
            log.critical("worker_cannot_start", exc_info=True)
            if os.getpid() == self._worker:  # a pool without processes
                raise SystemExit(EXIT_CANNOT_START) from error
            os.kill(self._worker, signal.SIGTERM)
            raise


def _keep_logging(**_details: object) -> None:
    """Stand in for Celery's own set-up of the root logger."""
