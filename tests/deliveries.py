"""Outbox rows for tests of destinations."""

from datetime import UTC, datetime

from pydicom.dataset import Dataset

from service.domain.analysis import ObjectKind
from service.domain.identifiers import JobId
from service.domain.job import Delivery, DeliveryState


def delivery_of(dataset: Dataset, sop_instance_uid: str | None = None) -> Delivery:
    """Return the row that sends `dataset` for the first time."""
    return Delivery(
        id=1,
        job_id=JobId("0" * 32),
        destination="pacs",
        kind=ObjectKind.SC,
        sop_class_uid=str(dataset.SOPClassUID),
        sop_instance_uid=sop_instance_uid or str(dataset.SOPInstanceUID),
        state=DeliveryState.WAITING,
        attempts=0,
        next_attempt_at=datetime(2026, 1, 1, tzinfo=UTC),
        reason=None,
        delivered_at=None,
    )
