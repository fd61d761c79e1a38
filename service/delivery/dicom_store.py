"""Destination kind `dicom`: a C-STORE SCU, one association for each wanted object."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

import structlog
from pydantic import BaseModel, ConfigDict, Field

from service.delivery.candidates import Candidate, candidates_of, forms_of, in_syntax
from service.delivery.choosing import Answers, Choice, choose
from service.delivery.registry import DESTINATIONS
from service.dimse.scu import (
    OutgoingInstance,
    Patience,
    Remote,
    StoreAssociation,
    store_association,
)
from service.dimse.store_status import StoreOutcome, outcome_of
from service.domain.delivering import Offer, Sent
from service.errors import PeerError

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

    def deliver(self, offer: Offer) -> Sent:
        """Negotiate all that might be sent, then send the best of what the peer accepts.

        What it accepts and then refuses by a status is passed over too, as long as something
        else is left; see `outcome_of` for what each status means.
        """
        candidates = candidates_of(offer)
        contexts = [form for each in _instances(candidates) for form in forms_of(each)]
        refused: dict[str, int] = {}
        with store_association(
            self._remote, self._calling_ae_title, contexts, self._patience
        ) as association:
            while True:
                answers = Answers(association.accepts, refused)
                choice = choose(offer.wanted, candidates, offer.profile, answers)
                if choice.goes_anyway or self._send(association, choice, refused):
                    return choice.sent

    def _send(self, association: StoreAssociation, choice: Choice, refused: dict[str, int]) -> bool:
        """Return whether the peer has all of it; note the class that it refuses for good."""
        for instance, transfer_syntax_uid in choice.instances:
            status = association.store(in_syntax(instance, transfer_syntax_uid))
            outcome = outcome_of(status)
            log.info(
                "object_sent",
                destination=self._name,
                kind=choice.sent.kind,
                status=f"0x{status:04X}",
                state=outcome,
            )
            if outcome is StoreOutcome.RETRY:
                raise PeerError(f"the peer answered 0x{status:04X}", code="store_failed")
            if outcome is StoreOutcome.REFUSED:
                refused[instance.sop_class_uid] = status
                return False
        return True


def _instances(candidates: Iterable[Candidate]) -> Iterator[OutgoingInstance]:
    for candidate in candidates:
        for instances in candidate.instances.values():
            yield from instances
