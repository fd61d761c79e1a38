"""How long a source may keep an analysis waiting, and how often it may disappoint."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from service.errors import PeerError

Answer = TypeVar("Answer")
Clock = Callable[[], float]

REST_SECONDS = 60.0


class Deadline:
    """A moment after which nobody waits any more; `is_over` is also true once it was given up."""

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._ends = clock() + seconds
        self._given_up = threading.Event()

    @property
    def seconds_left(self) -> float:
        """Return how long there is still time, 0 when there is none."""
        return 0.0 if self._given_up.is_set() else max(0.0, self._ends - self._clock())

    def give_up(self) -> None:
        """End it now."""
        self._given_up.set()

    def check(self) -> None:
        """Raise PeerError (peer_timeout) when the time is over."""
        if self.seconds_left <= 0:
            raise PeerError("the source did not answer in time", code="peer_timeout")


class _Outcome(Generic[Answer]):
    def __init__(self, work: Callable[[], Answer]) -> None:
        self.error: BaseException | None = None
        self.answers: list[Answer] = []
        try:
            self.answers.append(work())
        except BaseException as error:  # noqa: BLE001 - carried to the thread that waits
            self.error = error


def within(
    deadline: Deadline, work: Callable[[], Answer], discard: Callable[[Answer], None]
) -> Answer:
    """Return what `work` returns, or raise what it raises, if that happens before the deadline.

    Else raises PeerError (peer_timeout): libraries bound single waits, not their sum, so a peer
    that sends a byte a second would keep us for hours. The thread that works is left behind; what
    it returns too late goes to `discard`.
    """
    queue: SimpleQueue[_Outcome[Answer]] = SimpleQueue()
    delivered = threading.Lock()
    is_abandoned = threading.Event()

    def run() -> None:
        outcome = _Outcome(work)
        with delivered:
            if not is_abandoned.is_set():
                queue.put(outcome)
                return
        for answer in outcome.answers:
            discard(answer)

    threading.Thread(target=run, daemon=True, name="prior-source").start()
    try:
        outcome = queue.get(timeout=deadline.seconds_left)
    except Empty:
        with delivered:
            is_abandoned.set()
        deadline.give_up()
        if queue.empty():
            raise PeerError("the source did not answer in time", code="peer_timeout") from None
        outcome = queue.get()
    if outcome.error is not None:
        raise outcome.error
    return outcome.answers[0]


class Breaker:
    """Leaves a source alone for a while after it failed, so that not every film waits for it."""

    def __init__(self, rest_seconds: float = REST_SECONDS, clock: Clock = time.monotonic) -> None:
        self._rest = rest_seconds
        self._clock = clock
        self._until = float("-inf")

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Let the block try; raises PeerError (source_resting) while the source is left alone."""
        if self._clock() < self._until:
            raise PeerError("it failed a moment ago and is left alone", code="source_resting")
        try:
            yield
        except PeerError:
            self._until = self._clock() + self._rest
            raise
