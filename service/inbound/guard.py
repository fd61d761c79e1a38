"""pynetdicom's server made safe to expose: every wait has an end and every size a bound.

A plain `start_server()` believes the length field of a PDU (one stranger makes it hold 1.6 GB),
waits forever for the second half of one, makes threads before it counts them, and uses select(),
which cannot take descriptors from 1024 on. The subclasses here replace just these steps and are
handed to `AE.make_server`; nothing is patched, so other users of the library are as they were.
They rest on internals of pynetdicom 3.0: tests/integration/test_dicom_scp_abuse.py has one test
for each behaviour.
"""

import select
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import structlog
from pynetdicom import evt
from pynetdicom._globals import MODE_ACCEPTOR
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association
from pynetdicom.dul import DULServiceProvider
from pynetdicom.transport import AssociationServer, RequestHandler

from service.dimse.sockets import ClosingSocket
from service.inbound.admission import Connections
from service.inbound.limits import Limits, Pace
from service.inbound.pdu import check_items, check_length
from service.inbound.spooling import SpoolingProvider, TemporaryFiles

log = structlog.get_logger(__name__)

_WAIT_MILLISECONDS = 100
_LIVELY_SECONDS = 0.5
_SEND_SECONDS = 15.0
_OUT_OF_DESCRIPTORS_SECONDS = 0.05
_HEAD_LENGTH = 6
_BACKLOG = 128
_NO_REQUEST_YET = ("Sta1", "Sta2")
_CLOSED = ("Sta1", "Sta4", "Sta13")


@dataclass(frozen=True, slots=True)
class Guard:
    """What all connections of one listener share."""

    limits: Limits
    connections: Connections
    spool: TemporaryFiles


class GuardedSocket(ClosingSocket):
    """A socket that reads no more than was agreed, from a peer that keeps its pace."""

    def __init__(self, assoc: "GuardedAssociation", client: socket.socket, peer: str) -> None:
        self.peer = peer
        self._limits = assoc.guard.limits
        self._pace = Pace(self._limits)
        self._pace.begin()
        self._pdu_type: int | None = None
        self._ejected: str | None = None
        self._is_reading = False
        super().__init__(assoc, client_socket=client)

    @property
    def ready(self) -> bool:
        """Return whether there is something to read; called by the DUL thread in its loop."""
        if self.socket is None or not self._is_connected:
            return False
        if not self._peer_owes():
            self._pace.end()
        elif self._pace.seconds_left() <= 0:
            self.eject("too_slow")
        if self._ejected is not None:
            self._abort()
            return False
        return self._wait()

    def recv(self, nr_bytes: int) -> bytearray:
        """Return `nr_bytes`, fewer at the end of the stream; OSError when the peer may not go on.

        pynetdicom asks for a PDU's head, then for its body.
        """
        try:
            received = self._checked(nr_bytes)
        except OSError as error:
            log.warning("peer_cut_off", peer=self.peer, error=str(error))
            self._release_waiter()
            raise
        if len(received) < nr_bytes:
            self._release_waiter()
        return received

    def close(self) -> None:
        """Close the connection."""
        self._release_waiter()
        super().close()

    @property
    def is_departing(self) -> bool:
        """Return whether the connection was asked to go."""
        return self._ejected is not None

    def idle_seconds(self) -> float:
        """Return how long the connection has been idle; 0 while there is work in it."""
        return 0.0 if self._messages.is_busy else self._pace.quiet_seconds()

    def is_lively(self) -> bool:
        """Return whether something came a moment ago, so that the next may follow at once."""
        return self._pace.quiet_seconds() < _LIVELY_SECONDS

    def eject(self, reason: str) -> None:
        """Have the DUL thread abort the association, at the latest when its wait ends."""
        if self._ejected is None:
            self._ejected = reason
            log.info("association_ejected", peer=self.peer, code=reason)
        if self._is_reading:
            self.cut()

    def cut(self) -> None:
        """Close the connection under whatever thread is reading from it."""
        self._ejected = self._ejected or "cut"
        client = self.socket
        if client is not None:
            with suppress(OSError):  # the peer was faster
                client.shutdown(socket.SHUT_RDWR)

    def _wait(self) -> bool:
        """Wait for bytes, but not where the thread has, or may soon get, other things to do."""
        may_wait = self._pace.owing or not self.is_lively()
        wait = _WAIT_MILLISECONDS if may_wait and self.event_queue.empty() else 0
        poll = select.poll()
        try:
            poll.register(self.socket, select.POLLIN)  # type: ignore[arg-type]
            return bool(poll.poll(wait))
        except (OSError, ValueError):
            self.event_queue.put("Evt17")
            return False

    def _peer_owes(self) -> bool:
        """Return whether the association request or the rest of a message is still to come."""
        if self.assoc.dul.state_machine.current_state in _NO_REQUEST_YET:
            return True
        return self._messages.message is not None

    @property
    def _messages(self) -> SpoolingProvider:
        return cast(SpoolingProvider, self.assoc.dimse)

    def _abort(self) -> None:
        """Raise the event by which pynetdicom sends A-ABORT and tells its own user."""
        if self.assoc.dul.state_machine.current_state not in _CLOSED:
            self.event_queue.put("Evt19")

    def _release_waiter(self) -> None:
        """Wake the association's thread when it waits for a request that cannot come any more."""
        state = self.assoc.dul.state_machine.current_state
        if state in ("Sta2", "Sta13") and self.assoc.requestor.primitive is None:
            self.assoc.dul.to_user_queue.put(None)

    def _checked(self, count: int) -> bytearray:
        received = self._read(count)
        if self._pdu_type is not None:
            check_items(self._pdu_type, received)
            self._pdu_type = None
        elif len(received) == _HEAD_LENGTH:
            self._pdu_type, length = struct.unpack(">BxL", received)
            check_length(length, self._limits.maximum_pdu_bytes)
        return received

    def _read(self, count: int) -> bytearray:
        buffer = bytearray(count)
        view = memoryview(buffer)
        filled = 0
        self._pace.begin()
        self._is_reading = True
        try:
            while filled < count and (part := self._read_into(view[filled:])):
                filled += part
        finally:
            self._is_reading = False
        return buffer if filled == count else bytearray(view[:filled])

    def _read_into(self, view: memoryview) -> int:
        left = self._pace.seconds_left()
        if left <= 0 or self._ejected is not None or self.socket is None:
            raise TimeoutError("too_slow")
        self.socket.settimeout(left)
        part = self.socket.recv_into(view)
        self.socket.settimeout(_SEND_SECONDS)
        self._pace.add(part)
        return part


class _GuardedDul(DULServiceProvider):
    def run_reactor(self) -> None:
        """Run as pynetdicom does, but close the connection where it would just die.

        It dies of values that its own classes refuse, and of answers of ours that come when the
        peer has talked on and was aborted for it.
        """
        try:
            super().run_reactor()
        except Exception:
            log.warning("association_broken", exc_info=True)
            if self.socket is not None:
                self.socket.close()


class GuardedAssociation(Association):
    """An association whose data sets go to disk and whose place is given back when it ends."""

    def __init__(self, ae: ApplicationEntity, guard: Guard) -> None:
        self.guard = guard
        super().__init__(ae, MODE_ACCEPTOR)
        self.dul = _GuardedDul(self)
        self.acse_timeout = ae.acse_timeout  # the setters tell the DUL
        self.network_timeout = ae.network_timeout
        self.messages = self.dimse = SpoolingProvider(self, guard.spool, guard.limits)

    def run_reactor(self) -> None:
        """Serve the peer until it leaves or is sent away."""
        try:
            super().run_reactor()
        except Exception:
            log.warning("association_broken", exc_info=True)
        finally:
            self.connection.cut()
            self.messages.discard()
            self.guard.connections.leave(self.connection)

    @property
    def connection(self) -> GuardedSocket:
        """Return the socket."""
        connection = self.dul.socket
        if not isinstance(connection, GuardedSocket):
            raise TypeError("the association has no guarded socket")
        return connection


class _GuardedHandler(RequestHandler):
    server: "GuardedServer"

    def _create_association(self) -> GuardedAssociation:
        """Do as pynetdicom does, without copying all contexts for each connection."""
        assoc = GuardedAssociation(self.ae, self.server.guard)
        assoc._server = self.server  # noqa: SLF001 - as the method that this one replaces
        assoc.name = "AcceptorThread"
        assoc.set_socket(GuardedSocket(assoc, self.request, self.client_address[0]))
        assoc.acceptor.maximum_length = self.ae.maximum_pdu_size
        assoc.acceptor.ae_title = self.server.ae_title
        assoc.acceptor.address_info = self.local
        assoc.acceptor.implementation_class_uid = self.ae.implementation_class_uid
        assoc.acceptor.implementation_version_name = self.ae.implementation_version_name
        assoc.acceptor.supported_contexts = self.server.contexts
        assoc.requestor.address_info = self.remote
        for binding in self.server.own_handlers:
            assoc.bind(*binding)
        self.server.guard.connections.enter(assoc.connection)
        return assoc


class GuardedServer(AssociationServer):
    """Accepts connections one after the other; each that is admitted gets its own threads."""

    request_queue_size = _BACKLOG

    def __init__(self, *arguments: Any, guard: Guard, **keywords: Any) -> None:  # noqa: ANN401
        self.guard = guard
        self.own_handlers: list[evt.EventHandlerType] = keywords.get("evt_handlers", [])
        super().__init__(*arguments, **keywords)
        self.RequestHandlerClass = _GuardedHandler

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Return the next connection; does not spin when descriptors have run out."""
        try:
            return super().get_request()
        except OSError:
            time.sleep(_OUT_OF_DESCRIPTORS_SECONDS)
            raise

    def verify_request(self, request: object, client_address: Any) -> bool:  # noqa: ANN401, ARG002
        """Return whether there is room, before any thread is made."""
        return self.guard.connections.admit(client_address[0])

    def handle_error(self, request: object, client_address: Any) -> None:  # noqa: ANN401, ARG002
        """Log, where socketserver would print a traceback."""
        log.error("connection_failed", peer=client_address[0], exc_info=True)  # noqa: LOG014

    def shutdown(self) -> None:
        """Stop accepting and give the port back."""
        super(AssociationServer, self).shutdown()
        self.server_close()
