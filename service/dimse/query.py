"""A Query/Retrieve SCU (PS3.4 annex C, Study Root): C-FIND, C-GET and C-MOVE with bounded answers.

pynetdicom believes the length of a PDU and waits for each read anew; the socket here counts bytes
and looks at the clock, so that neither grows beyond what was agreed.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event
from pynetdicom.pdu_primitives import SCP_SCU_RoleSelectionNegotiation
from pynetdicom.presentation import PresentationContext, build_context, build_role
from pynetdicom.transport import AddressInformation

from service.dimse.negotiation import RECEIVED_SOP_CLASSES, RECEIVED_TRANSFER_SYNTAXES
from service.dimse.part10 import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from service.dimse.scu import Remote
from service.dimse.sockets import ClosingSocket
from service.errors import PeerError

FIND = UID("1.2.840.10008.5.1.4.1.2.2.1")
MOVE = UID("1.2.840.10008.5.1.4.1.2.2.2")
GET = UID("1.2.840.10008.5.1.4.1.2.2.3")

_MAXIMUM_PDU_BYTES = 131_072
_LONGEST_PDU_BYTES = 2 * _MAXIMUM_PDU_BYTES
_PENDING = (0xFF00, 0xFF01)
_SUCCESS = 0x0000
_WARNING = 0xB000
_REFUSED = 0xA700

Received = Callable[[C_STORE, str], bool]
"""Takes a C-STORE request of a C-GET and its transfer syntax; returns whether it was wanted."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one association may take: bytes in all, and seconds until it is cut.

    seconds_left: asked at every read.
    """

    maximum_bytes: int
    seconds_left: Callable[[], float]


class MeteredSocket(ClosingSocket):
    """A socket that reads no more, and no longer, than was agreed."""

    bounds: Bounds
    bytes_left: int

    def recv(self, nr_bytes: int) -> bytearray:
        """Return `nr_bytes`; OSError when they were not agreed, which ends the association."""
        self.bytes_left -= nr_bytes
        if nr_bytes > _LONGEST_PDU_BYTES or self.bytes_left < 0:
            raise OSError("the peer sends more than was agreed")
        received = bytearray()
        while len(received) < nr_bytes and self.socket is not None:
            seconds = self.bounds.seconds_left()
            if seconds <= 0:
                raise TimeoutError("the time that was agreed is over")
            self.socket.settimeout(seconds)
            part = self.socket.recv(nr_bytes - len(received))
            if not part:
                break
            received += part
        return received


class QueryAssociation:
    """An open association."""

    def __init__(self, association: Association) -> None:
        self._association = association

    def find(self, identifier: Dataset, maximum: int) -> list[Dataset]:
        """Return at most `maximum` answers; raises PeerError."""
        found: list[Dataset] = []
        with _translated():
            for status, answer in self._association.send_c_find(identifier, FIND):
                if _status_of(status) not in _PENDING:
                    _check(status)
                elif answer is not None and len(found) < maximum:
                    found.append(answer)
        return found

    def get(self, identifier: Dataset) -> None:
        """Have the instance sent on this association; raises PeerError."""
        with _translated():
            _wait_for_end(self._association.send_c_get(identifier, GET))

    def move(self, identifier: Dataset, destination: str) -> None:
        """Have the instance sent to the AE title `destination`; raises PeerError."""
        with _translated():
            _wait_for_end(self._association.send_c_move(identifier, destination, MOVE))


@contextmanager
def query_association(
    remote: Remote,
    calling_ae_title: str,
    model: UID,
    bounds: Bounds,
    received: Received = lambda _request, _syntax: False,
) -> Iterator[QueryAssociation]:
    """Open an association for C-FIND and `model` (GET or MOVE), and end it with the block.

    Raises PeerError (peer_unreachable) when there is none.
    """
    association = _entity(calling_ae_title, bounds).associate(
        remote.host,
        remote.port,
        contexts=_contexts(model),
        ae_title=remote.ae_title,
        max_pdu=_MAXIMUM_PDU_BYTES,
        ext_neg=[*_roles()] if model == GET else [],
        evt_handlers=[(evt.EVT_C_STORE, _store, [received])],
    )
    if not association.is_established:
        raise PeerError("the source could not be reached", code="peer_unreachable")
    try:
        yield QueryAssociation(association)
    finally:
        if association.is_established and bounds.seconds_left() > 0:
            association.release()
        else:
            association.abort()


def _entity(calling_ae_title: str, bounds: Bounds) -> AE:
    class Entity(AE):
        def _create_socket(
            self,
            assoc: Association,
            address: AddressInformation,
            tls_args: object,  # noqa: ARG002
        ) -> MeteredSocket:
            made = MeteredSocket(assoc, address=address)
            made.bounds, made.bytes_left = bounds, bounds.maximum_bytes
            return made

    entity = Entity(calling_ae_title)
    entity.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    entity.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    seconds = max(0.1, bounds.seconds_left())
    entity.connection_timeout = entity.acse_timeout = seconds
    entity.dimse_timeout = entity.network_timeout = seconds
    return entity


def _contexts(model: UID) -> list[PresentationContext]:
    contexts = [build_context(FIND), build_context(model)]
    if model == GET:
        syntaxes: list[str | UID] = [*RECEIVED_TRANSFER_SYNTAXES]
        # One context for each syntax: the peer then sends what it has, and converts nothing.
        contexts += [
            build_context(each, [one]) for each in RECEIVED_SOP_CLASSES for one in syntaxes
        ]
    return contexts


def _roles() -> list[SCP_SCU_RoleSelectionNegotiation]:
    return [build_role(each, scp_role=True) for each in RECEIVED_SOP_CLASSES]


def _store(event: Event, received: Received) -> int:
    request = event.request
    syntax = str(event.context.transfer_syntax)
    if not isinstance(request, C_STORE):
        return _REFUSED
    return _SUCCESS if received(request, syntax) else _REFUSED


@contextmanager
def _translated() -> Iterator[None]:
    """Pynetdicom says so when no such context was accepted, or the association has ended."""
    try:
        yield
    except ValueError as error:
        raise PeerError("the source does not offer this", code="context_refused") from error
    except RuntimeError as error:
        raise PeerError("the source broke off", code="peer_aborted") from error


def _wait_for_end(answers: Iterable[tuple[Dataset, Dataset | None]]) -> None:
    for status, _ in answers:
        if _status_of(status) not in _PENDING:
            _check(status)


def _status_of(status: Dataset) -> int:
    """Return the status; raises PeerError when the peer has broken off or did not answer."""
    if "Status" not in status:
        raise PeerError("the source broke off or did not answer in time", code="peer_timeout")
    return int(status.Status)


def _check(status: Dataset) -> None:
    code = _status_of(status)
    if code not in (_SUCCESS, _WARNING):
        raise PeerError(f"the source answered 0x{code:04X}", code="peer_refused")
