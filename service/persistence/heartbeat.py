"""Keeps a lease alive while its holder is busy; the holder's death ends it."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from service.errors import LeaseLost, OutOfResources
from service.telemetry.logging import get_logger

log = get_logger(__name__)


class Heartbeat:
    """Calls `renew` every `seconds` in a thread of its own, inside a `with` block.

    It stops by itself when the lease is lost; the holder notices when it records its result.
    A database that is away is asked again: the lease lasts longer than one beat.
    """

    def __init__(self, renew: Callable[[], object], seconds: float) -> None:
        self._renew = renew
        self._seconds = seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._done.wait(self._seconds):
            try:
                self._renew()
            except LeaseLost:
                log.warning("lease_lost")
                return
            except OutOfResources as error:
                log.warning("lease_not_renewed", code=error.code)
