"""Who may open an association: known AE titles from known addresses, while there is space."""

import socket
from dataclasses import dataclass
from typing import cast

import structlog
from pynetdicom.association import Association
from pynetdicom.events import Event
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.transport import AddressInformation

from service.errors import OutOfResources
from service.inbound.spooling import TemporaryFiles

log = structlog.get_logger(__name__)

# Result, source and reason of an A-ASSOCIATE-RJ (PS3.8 table 9-21).
CALLING_AE_TITLE_NOT_RECOGNISED = (1, 1, 3)
CALLED_AE_TITLE_NOT_RECOGNISED = (1, 1, 7)
LOCAL_LIMIT_EXCEEDED = (2, 3, 2)

Rejection = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class CallingPeer:
    """A system that may send; `address` is the only host it may have, None for any."""

    ae_title: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Answers EVT_REQUESTED. Without `peers` anybody may come; `called` None takes any title."""

    peers: tuple[CallingPeer, ...]
    called: str | None
    spool: TemporaryFiles
    reserve_bytes: int

    def __call__(self, event: Event) -> None:
        """Reject the association, or leave it to be negotiated."""
        association = event.assoc
        rejection = self.rejection(association)
        if rejection is not None:
            log.warning("association_rejected", peer=_address(association), status=str(rejection))
            association.acse.send_reject(*rejection)
            association.kill()

    def rejection(self, association: Association) -> Rejection | None:
        """Return why the association is not wanted, None when it is."""
        request = cast(A_ASSOCIATE, association.requestor.primitive)
        if self.called is not None and request.called_ae_title.strip() != self.called.strip():
            return CALLED_AE_TITLE_NOT_RECOGNISED
        if not self._is_known(request.calling_ae_title.strip(), _address(association)):
            return CALLING_AE_TITLE_NOT_RECOGNISED
        return None if self._has_space() else LOCAL_LIMIT_EXCEEDED

    def _has_space(self) -> bool:
        try:
            return self.spool.free_bytes() >= self.reserve_bytes
        except (OSError, OutOfResources):
            return False

    def _is_known(self, ae_title: str, address: str) -> bool:
        if not self.peers:
            return True
        named = [peer for peer in self.peers if peer.ae_title.strip() == ae_title]
        return any(peer.address is None or _is_at(peer.address, address) for peer in named)


def _address(association: Association) -> str:
    return cast(AddressInformation, association.requestor.address_info).address


def _is_at(host: str, address: str) -> bool:
    """Return whether `host`, a name or an address, stands for the IP address."""
    if host == address:
        return True
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return any(entry[4][0] == address for entry in found)
