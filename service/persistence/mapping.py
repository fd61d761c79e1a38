"""Rows to domain objects and back; rows never leave this package."""

from service.domain.analysis import Reason
from service.domain.delivering import DEFAULT_FAMILY, Sent
from service.domain.identifiers import (
    InstanceReference,
    JobId,
    SeriesInstanceUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID,
)
from service.domain.instance import ReceivedInstance
from service.domain.job import Delivery, Job, Lease
from service.domain.model import ModelIdentity
from service.persistence.spool import spool_name
from service.persistence.tables import DeliveryRow, JobRow


def job_row(job_id: JobId, received: ReceivedInstance) -> JobRow:
    """Return a new row; its state and times are the caller's."""
    reference = received.reference
    return JobRow(
        id=job_id,
        study_instance_uid=reference.study_instance_uid,
        series_instance_uid=reference.series_instance_uid,
        sop_instance_uid=reference.sop_instance_uid,
        sop_class_uid=reference.sop_class_uid,
        transfer_syntax_uid=received.transfer_syntax_uid,
        content_sha256=received.content_sha256,
        spool_name=spool_name(reference.sop_instance_uid, received.content_sha256),
        size_bytes=received.size_bytes,
        source=received.source,
        received_at=received.received_at,
        repeat=0,
        attempts=0,
        fence=0,
    )


def repeated(row: JobRow, job_id: JobId, repeat: int) -> JobRow:
    """Return a new row for a further analysis of the same instance; state and times likewise."""
    return JobRow(
        id=job_id,
        study_instance_uid=row.study_instance_uid,
        series_instance_uid=row.series_instance_uid,
        sop_instance_uid=row.sop_instance_uid,
        sop_class_uid=row.sop_class_uid,
        transfer_syntax_uid=row.transfer_syntax_uid,
        content_sha256=row.content_sha256,
        repeat=repeat,
        spool_name=row.spool_name,
        size_bytes=row.size_bytes,
        source=row.source,
        attempts=0,
        fence=0,
    )


def lease_of(row: JobRow) -> Lease:
    """Return the lease that the row's holder has."""
    return Lease(JobId(row.id), row.fence, row.attempts, row.due_at)


def job_of(row: JobRow) -> Job:
    """Return the job."""
    return Job(
        id=JobId(row.id),
        reference=InstanceReference(
            StudyInstanceUID(row.study_instance_uid),
            SeriesInstanceUID(row.series_instance_uid),
            SOPInstanceUID(row.sop_instance_uid),
            SOPClassUID(row.sop_class_uid),
        ),
        transfer_syntax_uid=row.transfer_syntax_uid,
        content_sha256=row.content_sha256,
        source=row.source,
        state=row.state,
        reason=_reason_of(row),
        attempts=row.attempts,
        received_at=row.received_at,
        updated_at=row.updated_at,
        model=_model_of(row),
    )


def delivery_of(row: DeliveryRow) -> Delivery:
    """Return the delivery."""
    return Delivery(
        id=row.id,
        job_id=JobId(row.job_id),
        destination=row.destination,
        kind=row.kind,
        sop_class_uid=row.sop_class_uid,
        sop_instance_uid=row.sop_instance_uid,
        state=row.state,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        reason=_reason_of(row),
        delivered_at=row.delivered_at,
        sent=_sent_of(row),
    )


def note_sent(row: DeliveryRow, sent: Sent) -> None:
    """Write into the row what the destination has now."""
    row.sop_class_uid, row.sop_instance_uid = sent.sop_class_uid, sent.sop_instance_uid
    row.sent_kind, row.sent_family = sent.kind, sent.family
    row.sent_transfer_syntax_uid = sent.transfer_syntax_uid
    row.sent_code, row.sent_text = sent.why.code, sent.why.text


def _sent_of(row: DeliveryRow) -> Sent | None:
    if row.sent_kind is None:
        return None
    return Sent(
        kind=row.sent_kind,
        family=row.sent_family or DEFAULT_FAMILY,
        sop_class_uid=row.sop_class_uid,
        sop_instance_uid=row.sop_instance_uid,
        transfer_syntax_uid=row.sent_transfer_syntax_uid or "",
        why=Reason(row.sent_code or "", row.sent_text or ""),
    )


def _reason_of(row: JobRow | DeliveryRow) -> Reason | None:
    return Reason(row.reason_code, row.reason_text or "") if row.reason_code else None


def _model_of(row: JobRow) -> ModelIdentity | None:
    if row.model_name is None or row.model_version is None or row.model_sha256 is None:
        return None
    return ModelIdentity(row.model_name, row.model_version, row.model_sha256)
