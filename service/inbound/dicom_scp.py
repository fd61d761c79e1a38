"""The DICOM listener: Verification and Storage SCP over the parts beside it.

guard.py bounds what a peer may do, doorkeeper.py decides who may come, spooling.py takes data sets
in, store.py accepts them.
"""

import resource
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import structlog
from pynetdicom import AE, evt

from service.dimse.negotiation import RECEIVED_SOP_CLASSES, acceptor_contexts
from service.dimse.part10 import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from service.inbound.admission import Connections
from service.inbound.doorkeeper import CallingPeer, Doorkeeper
from service.inbound.guard import Guard, GuardedServer
from service.inbound.limits import Limits
from service.inbound.spooling import TemporaryFiles
from service.inbound.store import Accept, StoreHandler

log = structlog.get_logger(__name__)

GRACE_SECONDS = 20.0
_ACCEPT_POLL_SECONDS = 0.1
_DESCRIPTORS_PER_CONNECTION = 3


@dataclass(frozen=True, slots=True)
class ListenerOptions:
    """What a listener is told. `port` 0 takes a free one; without `peers` anybody may send."""

    ae_title: str
    bind: str = "127.0.0.1"
    port: int = 11112
    peers: tuple[CallingPeer, ...] = ()
    check_called_ae_title: bool = True
    sop_classes: Sequence[str] = RECEIVED_SOP_CLASSES
    limits: Limits = field(default_factory=Limits)


class Listener:
    """A running listener."""

    def __init__(self, server: GuardedServer) -> None:
        self._server = server
        self._thread = threading.Thread(
            target=server.serve_forever,
            args=(_ACCEPT_POLL_SECONDS,),
            name="dicom-listener",
            daemon=True,
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """Return the port that it listens on."""
        return int(self._server.server_address[1])

    @property
    def connections(self) -> int:
        """Return how many connections there are."""
        return len(self._server.guard.connections)

    @property
    def limits(self) -> Limits:
        """Return the limits in force: those of the options, as far as the process affords them."""
        return self._server.guard.limits

    def stop(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Accept nothing new, let what is in flight finish for `grace_seconds`, then close."""
        self._server.shutdown()
        self._server.guard.connections.drain(grace_seconds)
        self._thread.join()
        log.info("listener_stopped", port=self.port)


def start_listener(options: ListenerOptions, accept: Accept, spool: TemporaryFiles) -> Listener:
    """Bind, and serve in threads of this process; OSError when the port cannot be had."""
    limits = _affordable(options.limits)
    server = _application_entity(options.ae_title, limits).make_server(
        (options.bind, options.port),
        contexts=acceptor_contexts(options.sop_classes),
        evt_handlers=[
            (evt.EVT_REQUESTED, _doorkeeper(options, spool)),
            (evt.EVT_C_STORE, StoreHandler(accept)),
        ],
        server_class=GuardedServer,
        guard=Guard(limits, Connections(limits), spool),
    )
    listener = Listener(cast(GuardedServer, server))
    log.info("listener_started", bind=options.bind, port=listener.port)
    return listener


def _doorkeeper(options: ListenerOptions, spool: TemporaryFiles) -> Doorkeeper:
    called = options.ae_title if options.check_called_ae_title else None
    return Doorkeeper(options.peers, called, spool, options.limits.reserve_bytes)


def _application_entity(ae_title: str, limits: Limits) -> AE:
    entity = AE(ae_title)
    entity.maximum_pdu_size = limits.maximum_pdu_bytes
    entity.maximum_associations = 2 * limits.maximum_connections  # admission.py counts, and sooner
    entity.network_timeout = limits.idle_seconds
    entity.acse_timeout = 1.5 * limits.silence_seconds  # guard.py ends a silent request sooner
    entity.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    entity.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    return entity


def _affordable(limits: Limits) -> Limits:
    """Return limits for which the process's file descriptors suffice."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return limits
    affordable = max(1, descriptors // _DESCRIPTORS_PER_CONNECTION)
    return replace(limits, maximum_connections=min(limits.maximum_connections, affordable))
