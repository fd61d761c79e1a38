"""Destination kind `dicom`: a C-STORE SCU, one association for each object."""

from pathlib import Path
from typing import ClassVar

import structlog
from pydantic import BaseModel, ConfigDict, Field
from pynetdicom.dsutils import split_dataset

from service.delivery.registry import DESTINATIONS
from service.dimse.scu import OutgoingInstance, Patience, Remote, store_association
from service.dimse.store_status import StoreOutcome, outcome_of
from service.domain.job import Delivery
from service.errors import PeerError, PeerRefused

log = structlog.get_logger(__name__)


class DicomOptions(BaseModel):
    """Where the peer listens, its AE title, and how long it may take.

    `calling_ae_title` replaces our own for this peer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    ae_title: str = Field(min_length=1, max_length=16)
    calling_ae_title: str | None = Field(None, min_length=1, max_length=16)
    connect_seconds: float = Field(10.0, gt=0)
    response_seconds: float = Field(30.0, gt=0)


@DESTINATIONS.register("dicom")
class DicomStore:
    """Sends to a PACS."""

    Options: ClassVar[type[BaseModel]] = DicomOptions

    def __init__(self, name: str, options: DicomOptions, ae_title: str) -> None:
        self._name = name
        self._remote = Remote(options.host, options.port, options.ae_title)
        self._calling_ae_title = options.calling_ae_title or ae_title
        self._patience = Patience(options.connect_seconds, options.response_seconds)

    def deliver(self, path: Path, delivery: Delivery) -> None:
        """Send the object's bytes as they are; see `outcome_of` for what each status means."""
        instance = _outgoing(path, delivery)
        with store_association(
            self._remote, self._calling_ae_title, [instance.context_key], self._patience
        ) as association:
            status = association.store(instance)
        self._judge(status, delivery)

    def _judge(self, status: int, delivery: Delivery) -> None:
        outcome = outcome_of(status)
        log.info(
            "object_sent",
            job_id=delivery.job_id,
            destination=self._name,
            kind=delivery.kind,
            status=f"0x{status:04X}",
            state=outcome,
        )
        if outcome is StoreOutcome.RETRY:
            raise PeerError(f"the peer answered 0x{status:04X}", code="store_failed")
        if outcome is StoreOutcome.REFUSED:
            raise PeerRefused(f"the peer answered 0x{status:04X}", code="store_refused")


def _outgoing(path: Path, delivery: Delivery) -> OutgoingInstance:
    meta, offset = split_dataset(path)
    return OutgoingInstance(
        path,
        offset,
        delivery.sop_class_uid,
        delivery.sop_instance_uid,
        str(meta.TransferSyntaxUID),
    )
