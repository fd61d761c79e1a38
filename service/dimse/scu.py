"""A Storage SCU that sends files as they are: the data set's bytes, never decoded.

pynetdicom's own send_c_store reads and writes a data set anew, or wants a file with file meta.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import cast

from pydicom.uid import UID
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.transport import AddressInformation

from service.dimse.part10 import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from service.dimse.sockets import ClosingSocket
from service.errors import PeerError, PeerRefused

MAXIMUM_CONTEXTS = 128
_MAXIMUM_PDU_BYTES = 131_072
_REJECTED_PERMANENTLY = 1
_PAUSE_POLL_SECONDS = 0.0005

ContextKey = tuple[str, str]
"""SOP Class UID and Transfer Syntax UID."""


@dataclass(frozen=True, slots=True)
class Remote:
    """The application entity to send to."""

    host: str
    port: int
    ae_title: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a peer, in seconds. A large object gets the time of its bytes on top."""

    connect_seconds: float = 10.0
    response_seconds: float = 30.0
    bytes_per_second: int = 250_000


@dataclass(frozen=True, slots=True)
class OutgoingInstance:
    """A file to send; its data set begins at `data_set_offset`.

    content: the data set's bytes where another transfer syntax than the file's was made of it.
    """

    path: Path
    data_set_offset: int
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    content: bytes | None = None

    @property
    def size_bytes(self) -> int:
        """Return how much has to go over the network, roughly."""
        return self.path.stat().st_size if self.content is None else len(self.content)

    @property
    def context_key(self) -> ContextKey:
        """Return what has to be negotiated for it."""
        return self.sop_class_uid, self.transfer_syntax_uid


class StoreAssociation:
    """An open association."""

    def __init__(self, association: Association, patience: Patience) -> None:
        self._association = association
        self._patience = patience
        self._sent = 0
        self._contexts = {
            (str(each.abstract_syntax), str(each.transfer_syntax[0])): cast(int, each.context_id)
            for each in association.accepted_contexts
        }

    @property
    def is_open(self) -> bool:
        """Return whether another object can be sent."""
        return bool(self._association.is_established)

    def accepts(self, sop_class_uid: str, transfer_syntax_uid: str) -> bool:
        """Return whether the peer accepted this context."""
        return (sop_class_uid, transfer_syntax_uid) in self._contexts

    def store(self, instance: OutgoingInstance) -> int:
        """Send one object and return the peer's status, whatever it is.

        Raises PeerRefused `context_refused` when the peer takes no such object, PeerError
        `peer_timeout` or `peer_aborted` when there is no answer.
        """
        context_id = self._contexts.get(instance.context_key)
        if context_id is None:
            text = "the peer does not take this SOP class in this transfer syntax"
            raise PeerRefused(text, code="context_refused")
        duration = instance.size_bytes / self._patience.bytes_per_second
        seconds = self._patience.response_seconds + duration
        return self._exchange(self._request(instance), context_id, seconds)

    def _request(self, instance: OutgoingInstance) -> C_STORE:
        self._sent += 1
        request = C_STORE()
        request.MessageID = self._sent % 0xFFFF
        request.AffectedSOPClassUID = UID(instance.sop_class_uid)
        request.AffectedSOPInstanceUID = UID(instance.sop_instance_uid)
        if instance.content is None:
            request._dataset_path = (instance.path, instance.data_set_offset)  # noqa: SLF001 - raw
        else:
            request.DataSet = BytesIO(instance.content)
        return request

    def _exchange(self, request: C_STORE, context_id: int, seconds: float) -> int:
        """Send and wait, with pynetdicom's reactor held so that it does not take the answer."""
        association = self._association
        association.dimse_timeout = seconds
        association._reactor_checkpoint.clear()  # noqa: SLF001 - as in send_c_store
        while not association._is_paused:  # noqa: SLF001
            time.sleep(_PAUSE_POLL_SECONDS)
        try:
            association.dimse.send_msg(request, context_id)
            _, response = association.dimse.get_msg(block=True)
        finally:
            association._reactor_checkpoint.set()  # noqa: SLF001
        if isinstance(response, C_STORE) and response.Status is not None:
            return response.Status
        raise self._broken()

    def _broken(self) -> PeerError:
        timed_out = self.is_open and not self._association.acse.is_aborted()
        self._association.abort()
        if timed_out:
            return PeerError("the peer did not answer in time", code="peer_timeout")
        return PeerError("the peer broke off the association", code="peer_aborted")


@contextmanager
def store_association(
    remote: Remote,
    calling_ae_title: str,
    contexts: Iterable[ContextKey],
    patience: Patience = Patience(),
) -> Iterator[StoreAssociation]:
    """Open an association that proposes exactly `contexts` and release it at the end.

    Raises PeerError (unreachable, rejected for the moment) or PeerRefused (rejected for good, or
    no context accepted).
    """
    association = _entity(calling_ae_title, patience).associate(
        remote.host,
        remote.port,
        contexts=_proposal(contexts),
        ae_title=remote.ae_title,
        max_pdu=_MAXIMUM_PDU_BYTES,
        evt_handlers=[(evt.EVT_CONN_OPEN, _bound_waits, [patience.response_seconds])],
    )
    if not association.is_established:
        raise _failure(association)
    try:
        yield StoreAssociation(association, patience)
    finally:
        association.release()


class _Entity(AE):
    def _create_socket(
        self,
        assoc: Association,
        address: AddressInformation,
        tls_args: object,  # noqa: ARG002
    ) -> ClosingSocket:
        return ClosingSocket(assoc, address=address)


def _entity(calling_ae_title: str, patience: Patience) -> AE:
    entity = _Entity(calling_ae_title)
    entity.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    entity.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    entity.connection_timeout = patience.connect_seconds
    entity.acse_timeout = patience.response_seconds
    return entity


def _proposal(contexts: Iterable[ContextKey]) -> list[PresentationContext]:
    unique = sorted(set(contexts))
    return [build_context(sop_class, syntax) for sop_class, syntax in unique[:MAXIMUM_CONTEXTS]]


def _bound_waits(event: Event, seconds: float) -> None:
    """Bound each send() and recv(): without, a peer that stops reading holds a thread forever."""
    connection = event.assoc.dul.socket
    if connection is not None and connection.socket is not None:
        connection.socket.settimeout(seconds)


def _failure(association: Association) -> PeerError:
    answer = association.acceptor.primitive
    if association.is_rejected and isinstance(answer, A_ASSOCIATE):
        kind = PeerRefused if answer.result == _REJECTED_PERMANENTLY else PeerError
        reason = answer.reason_str.lower()
        return kind(f"the peer rejected the association: {reason}", code="association_rejected")
    if isinstance(answer, A_ASSOCIATE):
        return PeerRefused("the peer takes none of our objects", code="context_refused")
    return PeerError("the peer could not be reached", code="peer_unreachable")
