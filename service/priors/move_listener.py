"""The listener to which a C-MOVE sends: open for one transfer, under an AE title of its own."""

import time
from dataclasses import dataclass
from pathlib import Path

from service.dimse.query import QueryAssociation
from service.domain.identifiers import JobId
from service.domain.instance import ReceivedInstance
from service.errors import PeerError, RejectedInstance
from service.inbound.dicom_scp import Listener, ListenerOptions, start_listener
from service.inbound.limits import Limits
from service.inbound.spooling import TemporaryFiles
from service.priors.patience import Deadline
from service.priors.question import Candidate, image_identifier

_BIND_AGAIN_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class _Taken:
    """The answer to a store that made no job."""

    job_id: JobId
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class MoveListener:
    """Where the listener is opened. All limits on peers are those of the listener for films."""

    ae_title: str
    bind: str
    port: int
    maximum_bytes: int
    files: TemporaryFiles
    deadline: Deadline

    def by_move(self, opened: QueryAssociation, wanted: Candidate) -> Path | None:
        """Return the file that the C-MOVE brought; None when it brought none."""
        arrived: list[Path] = []
        listener = self._open(wanted, arrived)
        try:
            opened.move(image_identifier(wanted), self.ae_title)
        finally:
            listener.stop(grace_seconds=0)
        return arrived[0] if arrived else None

    def _open(self, wanted: Candidate, arrived: list[Path]) -> Listener:
        def accept(received: ReceivedInstance) -> _Taken:
            if arrived or received.reference.sop_instance_uid != wanted.sop_instance_uid:
                raise RejectedInstance("not asked for", code="not_asked_for")
            kept = self.files.temporary_file()
            received.temporary_path.replace(kept)
            arrived.append(kept)
            return _Taken(JobId(""))

        options = ListenerOptions(
            self.ae_title,
            self.bind,
            self.port,
            limits=Limits(maximum_object_bytes=self.maximum_bytes, reserve_bytes=0),
        )
        while True:
            try:
                return start_listener(options, accept, self.files)
            except OSError as error:  # another worker's transfer
                if self.deadline.seconds_left <= 0:
                    text = "the port for C-MOVE is in use"
                    raise PeerError(text, code="move_port_in_use") from error
                time.sleep(_BIND_AGAIN_SECONDS)
