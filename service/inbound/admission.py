"""Who is connected. When it gets full, whoever has been idle longest makes room.

Refusing the newcomer instead would let a handful of silent sockets lock everybody out.
"""

import threading
import time
from collections.abc import Iterable
from typing import Protocol

import structlog

from service.inbound.limits import Limits

log = structlog.get_logger(__name__)

_DEPARTING_AT_MOST = 32
_DRAIN_POLL_SECONDS = 0.05
_DRAIN_QUIET_SECONDS = 0.2
_DRAIN_LAST_SECONDS = 2.0


class Connection(Protocol):
    """What admission needs to know of one connection; `peer` is its IP address."""

    peer: str

    @property
    def is_departing(self) -> bool:
        """Return whether it was asked to go."""

    def idle_seconds(self) -> float:
        """Return how long it has been idle; 0 while it sends or waits for our answer."""

    def eject(self, reason: str) -> None:
        """Abort it soon; safe from any thread."""

    def cut(self) -> None:
        """Close its socket at once."""


class Connections:
    """The live connections of one listener."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._live: set[Connection] = set()
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._live)

    def admit(self, peer: str) -> bool:
        """Return whether one more connection of `peer` may come in; may send another away."""
        with self._changed:
            own = [each for each in self._live if each.peer == peer]
            admitted = (
                len(self._live) < self._limits.maximum_connections + _DEPARTING_AT_MOST
                and self._make_room(own, self._limits.maximum_connections_per_peer)
                and self._make_room(self._live, self._limits.maximum_connections)
            )
        if not admitted:
            log.warning("connection_refused", peer=peer, count=len(self))
        return admitted

    def enter(self, connection: Connection) -> None:
        """Count a connection in."""
        with self._changed:
            self._live.add(connection)

    def leave(self, connection: Connection) -> None:
        """Count a connection out; again is harmless."""
        with self._changed:
            self._live.discard(connection)
            self._changed.notify_all()

    def drain(self, seconds: float) -> None:
        """Send the idle away, let the others finish for at most `seconds`, then cut them off."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while self._live and time.monotonic() < deadline:
                for each in self._live:
                    if each.idle_seconds() >= _DRAIN_QUIET_SECONDS:
                        each.eject("stopping")
                self._changed.wait(_DRAIN_POLL_SECONDS)
            for each in tuple(self._live):
                each.cut()
            self._changed.wait_for(lambda: not self._live, _DRAIN_LAST_SECONDS)

    def _make_room(self, among: Iterable[Connection], maximum: int) -> bool:
        staying = [each for each in among if not each.is_departing]
        if len(staying) < maximum:
            return True
        idlest = max(staying, key=lambda each: each.idle_seconds(), default=None)
        if idlest is None or idlest.idle_seconds() < self._limits.evictable_seconds:
            return False
        idlest.eject("made_room")
        return True
