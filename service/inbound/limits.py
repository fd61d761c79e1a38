"""How much one peer may ask of the listener, and whether it keeps up with what it began."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one listener; seconds and bytes. The defaults are wide for any real modality.

    silence_seconds: no byte for this long in the middle of something ends the connection;
    minimum_bytes_per_second: so does a message that comes in more slowly than this, in all.
    idle_seconds: an association without any message; evictable_seconds: from here on it may be
    sent away earlier, when its place is wanted.
    reserve_bytes: with less free space than this no association is accepted.
    """

    maximum_pdu_bytes: int = 131_072
    maximum_command_bytes: int = 16_384
    maximum_object_bytes: int = 512 << 20
    silence_seconds: float = 10.0
    minimum_bytes_per_second: int = 8_192
    idle_seconds: float = 60.0
    evictable_seconds: float = 1.0
    maximum_connections: int = 250
    maximum_connections_per_peer: int = 100
    reserve_bytes: int = 1 << 30


class Pace:
    """Whether a peer that owes us bytes sends them: neither silent nor too slow on the whole."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._silence = limits.silence_seconds
        self._rate = limits.minimum_bytes_per_second
        self._clock = clock
        self._started: float | None = None
        self._last = clock()
        self._received = 0

    @property
    def owing(self) -> bool:
        """Return whether something was begun and is not complete."""
        return self._started is not None

    def begin(self) -> None:
        """Note that the peer owes us bytes from now on; nothing changes when it already does."""
        if self._started is None:
            self._started = self._last = self._clock()
            self._received = 0

    def add(self, count: int) -> None:
        """Note that `count` bytes came."""
        self._last = self._clock()
        self._received += count

    def end(self) -> None:
        """Note that the peer owes nothing."""
        self._started = None

    def seconds_left(self) -> float:
        """Return how long to wait for the next byte; infinite when nothing is owed."""
        if self._started is None:
            return math.inf
        allowance = self._silence + self._received / self._rate
        return min(self._last + self._silence, self._started + allowance) - self._clock()

    def quiet_seconds(self) -> float:
        """Return for how long no byte has come."""
        return self._clock() - self._last
