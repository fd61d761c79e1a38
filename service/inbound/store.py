"""From a complete C-STORE request to an accepted instance, or to the status that says why not."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol, cast

import structlog
from pydicom.dataset import Dataset
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event

from service.domain.identifiers import InstanceReference, JobId
from service.domain.instance import ReceivedInstance
from service.errors import RejectedInstance, ServiceError
from service.inbound.dimse_status import MISMATCH_CODE, SUCCESS, refusal
from service.inbound.identify import Identified, identify
from service.inbound.spooling import IncomingDataSet
from service.telemetry.metrics import INSTANCES_RECEIVED

log = structlog.get_logger(__name__)

MAXIMUM_SOURCE = 64


class Accepted(Protocol):
    """What intake says of an instance that it has taken."""

    @property
    def job_id(self) -> JobId:
        """Return the job that was made, or that was there already."""

    @property
    def duplicate(self) -> bool:
        """Return whether the same bytes were there already."""


Accept = Callable[[ReceivedInstance], Accepted]


class StoreHandler:
    """Answers EVT_C_STORE: 0x0000 when, and only when, `accept` has returned."""

    def __init__(self, accept: Accept) -> None:
        self._accept = accept

    def __call__(self, event: Event) -> Dataset:
        """Return the status; 0x0000, 0x0110, 0x0111, 0xA700, 0xA900 or 0xC000."""
        request = cast(C_STORE, event.request)
        incoming = cast(IncomingDataSet, request.DataSet)
        try:
            accepted = self._store(request, incoming, source_name(event.assoc.requestor.ae_title))
        except ServiceError as error:
            INSTANCES_RECEIVED.labels("dicom", error.code).inc()
            log.warning("instance_refused", code=error.code, text=error.text)
            return _status(*refusal(error))
        except Exception as error:
            INSTANCES_RECEIVED.labels("dicom", ServiceError.code).inc()
            log.exception("instance_failed")
            return _status(*refusal(error))
        finally:
            incoming.discard()
        INSTANCES_RECEIVED.labels("dicom", "duplicate" if accepted.duplicate else "accepted").inc()
        return _status(SUCCESS)

    def _store(self, request: C_STORE, incoming: IncomingDataSet, source: str) -> Accepted:
        if incoming.path is None:
            raise RejectedInstance("there is no data set", code="truncated")
        identified = identify(incoming.path)
        check_agreement(request, identified.reference)
        incoming.seal()
        accepted = self._accept(received_instance(identified, source))
        log.info(
            "instance_repeated" if accepted.duplicate else "instance_accepted",
            job_id=accepted.job_id,
            sop_class_uid=identified.reference.sop_class_uid,
            transfer_syntax_uid=identified.transfer_syntax_uid,
            bytes=identified.size_bytes,
        )
        return accepted


def received_instance(identified: Identified, source: str) -> ReceivedInstance:
    """Return the instance as intake takes it; its file is Part 10 and durable by now."""
    return ReceivedInstance(
        reference=identified.reference,
        transfer_syntax_uid=identified.transfer_syntax_uid,
        temporary_path=identified.path,
        content_sha256=identified.content_sha256,
        size_bytes=identified.size_bytes,
        source=source,
        received_at=datetime.now(UTC),
    )


def source_name(text: str) -> str:
    """Return a sender's name fit for tables and logs: printable, at most 64 characters."""
    return "".join(c for c in text if c.isprintable()).strip()[:MAXIMUM_SOURCE]


def check_agreement(request: C_STORE, reference: InstanceReference) -> None:
    """Raise RejectedInstance `uid_mismatch` when command and data set name other instances."""
    stated = (str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID))
    if stated != (reference.sop_class_uid, reference.sop_instance_uid):
        raise RejectedInstance("command and data set disagree on the UIDs", code=MISMATCH_CODE)


def _status(code: int, comment: str = "") -> Dataset:
    status = Dataset()
    status.Status = code
    if comment:
        status.ErrorComment = comment
    return status
