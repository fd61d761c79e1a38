"""Messages as they come in: commands to pynetdicom's service classes, data sets to disk.

pynetdicom keeps a data set in memory, or in a temporary file that it leaves behind when the sender
breaks off. Here each runs into a file of the spool, which is gone as soon as nobody wants it, so
memory stays flat however many large images arrive at once.
"""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from queue import Empty
from typing import BinaryIO, Protocol, cast

import structlog
from pydicom.dataset import Dataset
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import DIMSEMessage
from pynetdicom.dimse_primitives import C_STORE, DimsePrimitiveType, DimseServiceType
from pynetdicom.pdu_primitives import P_DATA

from service.dimse.part10 import part10_head
from service.domain.identifiers import checked_uid
from service.errors import OutOfResources, RejectedInstance, ServiceError
from service.inbound.dimse_status import refusal
from service.inbound.limits import Limits

log = structlog.get_logger(__name__)

_STORE, _ECHO, _CANCEL = "C_STORE_RQ", "C_ECHO_RQ", "C_CANCEL_RQ"
_BUFFER_BYTES = 1 << 18
_REACTOR_WAIT_SECONDS = 0.1


class TemporaryFiles(Protocol):
    """What the listener needs of the spool."""

    def temporary_file(self) -> Path:
        """Return a new empty file, readable by us alone."""

    def free_bytes(self) -> int:
        """Return the free space of the spool's disk."""


class Line(Protocol):
    """What the provider needs of the connection under it."""

    def is_lively(self) -> bool:
        """Return whether something came a moment ago."""

    def eject(self, reason: str) -> None:
        """End the association."""


class ProtocolViolation(Exception):
    """The peer sent what was not negotiated; the association ends."""


class IncomingDataSet(BytesIO):
    """Stands where pynetdicom writes a data set; what is written runs into a file instead.

    `failure` is what went wrong on our side or with the identifiers; the rest of the data set is
    then received and dropped, so that the sender can be told why.
    """

    def __init__(self, create: Callable[[], tuple[Path, BinaryIO]], maximum_bytes: int) -> None:
        super().__init__()
        self.path: Path | None = None
        self.is_discarded = False
        self.failure: ServiceError | None = None
        self._create = create
        self._file: BinaryIO | None = None
        self._bytes_left = maximum_bytes

    def write(self, fragment: bytes, /) -> int:  # type: ignore[override]
        """Append `fragment`; raises ProtocolViolation when the object grows over its limit."""
        self._bytes_left -= len(fragment)
        if self._bytes_left < 0:
            raise ProtocolViolation("object_too_large")
        if self.failure is None:
            self._attempt(lambda: self._append(fragment))
        return len(fragment)

    def flush(self) -> None:
        """Hand what was written to the operating system, so that it can be read back."""
        if self._file is not None:
            self._attempt(self._file.flush)

    def seal(self) -> None:
        """Make what was written durable and close the file; OutOfResources when it cannot be."""
        if self._file is not None:
            self._attempt(lambda: _sync(self._file))
            self._file.close()
        if self.failure is not None:
            raise self.failure

    def discard(self) -> None:
        """Delete the file unless somebody has moved it away."""
        self.is_discarded = True
        if self._file is not None:
            self._attempt(self._file.close)
            self._file = None
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _append(self, fragment: bytes) -> None:
        if self._file is None:
            self.path, self._file = self._create()
        self._file.write(fragment)

    def _attempt(self, step: Callable[[], object]) -> None:
        try:
            step()
        except ServiceError as error:
            self.failure = self.failure or error
        except OSError as error:
            failure = OutOfResources("the spool cannot be written")
            failure.__cause__ = error
            self.failure = self.failure or failure


class SpoolingProvider(DIMSEServiceProvider):
    """The DIMSE service of one association, as a bounded acceptor of C-STORE and C-ECHO."""

    def __init__(self, assoc: Association, spool: TemporaryFiles, limits: Limits) -> None:
        super().__init__(assoc)
        self._spool = spool
        self._limits = limits
        self._command_bytes = 0
        self._unanswered = 0
        self._incoming: list[IncomingDataSet] = []

    @property
    def is_busy(self) -> bool:
        """Return whether a message is coming in or waits for our answer."""
        return self.message is not None or self._unanswered > 0

    @property
    def _line(self) -> Line:
        return cast(Line, self.dul.socket)

    def receive_primitive(self, primitive: P_DATA) -> None:
        """Take the next part of a message; whatever is wrong with it ends this association."""
        try:
            self._receive(primitive)
        except ProtocolViolation as error:
            self._end(str(error))
        except Exception:  # hostile bytes may fail anywhere in pynetdicom or pydicom
            log.warning("message_unreadable", exc_info=True)
            self._end("message_unreadable")

    def get_msg(self, block: bool = False) -> tuple[int, DimseServiceType] | tuple[None, None]:  # noqa: FBT001, FBT002
        """Return the next complete message; waits a little where pynetdicom would spin."""
        if block or self.is_busy or self._line.is_lively():
            return super().get_msg(block)
        try:
            return self.msg_queue.get(timeout=_REACTOR_WAIT_SECONDS)
        except Empty:
            return None, None

    def send_msg(self, primitive: DimsePrimitiveType, context_id: int) -> None:
        """Send an answer."""
        super().send_msg(primitive, context_id)
        self._unanswered -= 1

    def discard(self) -> None:
        """Delete what has come in and was not kept."""
        for incoming in self._incoming:
            incoming.discard()
        self._incoming = []

    def _receive(self, primitive: P_DATA) -> None:
        message = self.message or self._begun()
        self._count_command(primitive)
        if message.decode_msg(primitive, self.assoc):
            self.message = None
            self._serve(message)

    def _begun(self) -> DIMSEMessage:
        if self._unanswered > 1:
            raise ProtocolViolation("too_many_requests")  # no asynchronous operations negotiated
        message = DIMSEMessage()
        limit = self._limits.maximum_object_bytes
        message.data_set = incoming = IncomingDataSet(lambda: self._create_file(message), limit)
        self._incoming = [each for each in self._incoming if not each.is_discarded] + [incoming]
        self._command_bytes = 0
        self.message = message
        return message

    def _count_command(self, primitive: P_DATA) -> None:
        """Bound the command set, which is collected in memory; bit 0 marks its fragments."""
        values = [value for _, value in primitive.presentation_data_value_list]
        self._command_bytes += sum(len(value) for value in values if value[0] & 1)
        if self._command_bytes > self._limits.maximum_command_bytes:
            raise ProtocolViolation("command_too_large")

    def _create_file(self, message: DIMSEMessage) -> tuple[Path, BinaryIO]:
        """Return a new spool file that begins as Part 10 does."""
        sop_class_uid, sop_instance_uid = command_uids(message.command_set)
        context = self.assoc._accepted_cx[message.context_id or 0]  # noqa: SLF001
        head = part10_head(sop_class_uid, sop_instance_uid, context.transfer_syntax[0])
        path = self._spool.temporary_file()
        file = path.open("wb", buffering=_BUFFER_BYTES)
        file.write(head)
        return path, file

    def _serve(self, message: DIMSEMessage) -> None:
        kind = type(message).__name__  # decode_msg has turned it into the class of its command
        if kind == _CANCEL:
            return
        if kind not in (_STORE, _ECHO) or not isinstance(message.command_set.MessageID, int):
            raise ProtocolViolation("unexpected_command")
        self._unanswered += 1
        failure = _failure(message) if kind == _STORE else None
        if failure is not None:
            self._refuse(message, failure)
        else:
            request = message.message_to_primitive()
            self.msg_queue.put((message.context_id or 0, request))  # type: ignore[arg-type]

    def _refuse(self, message: DIMSEMessage, failure: ServiceError) -> None:
        """Answer at once, without the UIDs: pynetdicom would not carry those that are wrong."""
        log.warning("instance_refused", code=failure.code)
        response = C_STORE()
        response.MessageIDBeingRespondedTo = message.command_set.MessageID
        response.Status, comment = refusal(failure)
        response.ErrorComment = comment  # type: ignore[assignment]
        self.discard()
        self.send_msg(response, message.context_id or 0)

    def _end(self, reason: str) -> None:
        self.message = None
        self.discard()
        self._line.eject(reason)


def command_uids(command_set: Dataset) -> tuple[str, str]:
    """Return the affected SOP Class and Instance UID; RejectedInstance `invalid_uid`."""
    keywords = ("AffectedSOPClassUID", "AffectedSOPInstanceUID")
    sop_class, sop_instance = (
        checked_uid(str(command_set.get(keyword) or ""), keyword) for keyword in keywords
    )
    return sop_class, sop_instance


def _failure(message: DIMSEMessage) -> ServiceError | None:
    """Return why a C-STORE request cannot be served, None when it can."""
    incoming = message.data_set
    if not isinstance(incoming, IncomingDataSet):
        raise ProtocolViolation("unexpected_command")
    incoming.flush()
    if incoming.failure is None and incoming.path is None:
        return RejectedInstance("there is no data set", code="truncated")
    return incoming.failure


def _sync(file: BinaryIO | None) -> None:
    if file is not None:
        file.flush()
        os.fsync(file.fileno())
