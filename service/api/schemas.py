"""What the API says and hears, as pydantic models; made from domain objects, never the reverse."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.domain.analysis import ObjectKind, Reason
from service.domain.identifiers import JobId
from service.domain.job import Delivery, DeliveryState, Job, JobState
from service.domain.model import ModelIdentity

JOBS = "/api/v1/jobs"
JOB_ID_PATTERN = "^[0-9a-f]{32}$"
JobIdText = Annotated[str, StringConstraints(pattern=JOB_ID_PATTERN)]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class ReasonDocument(_Document):
    """Why a job or a delivery did not end well."""

    code: str = Field(description="Stable, for programs.", examples=["not_chest"])
    text: str = Field(description="A sentence for people, free of patient data.")


class InstanceDocument(_Document):
    """Which SOP Instance the job is about."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str


class ModelIdentityDocument(_Document):
    """Which weights analysed it."""

    name: str
    version: str
    sha256: str


class SentDocument(_Document):
    """What a destination has for a wanted kind, and why that."""

    kind: ObjectKind = Field(description="Another than wanted where the peer takes no such object.")
    family: str = Field(description="Folder below the job's results; empty for the default one.")
    sop_class_uid: str
    sop_instance_uid: str = Field(description="The first, where a kind is several instances.")
    transfer_syntax_uid: str = Field(description="In which it was sent.")
    why: ReasonDocument


class DeliveryDocument(_Document):
    """One wanted kind of result on its way to one destination."""

    destination: str = Field(description="The destination's name in thorax.toml.")
    kind: ObjectKind = Field(description="The wanted kind.")
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None = Field(description="Null once it has ended.")
    delivered_at: datetime | None
    reason: ReasonDocument | None = Field(description="Why the last attempt failed.")
    sent: SentDocument | None = Field(description="What the destination has now.")


class JobLinks(_Document):
    """Where the job and its results are; a result is null while there is none."""

    self: str
    result: str | None
    overlay: str | None
    scene: str | None
    objects: dict[ObjectKind, str]


class JobDocument(_Document):
    """One job."""

    id: JobIdText
    state: JobState
    reason: ReasonDocument | None
    attempts: int = Field(description="How often the analysis was begun.")
    received_from: str = Field(description="Calling AE title, or `api`.")
    received_at: datetime
    updated_at: datetime
    transfer_syntax_uid: str
    instance: InstanceDocument
    model: ModelIdentityDocument | None
    deliveries: list[DeliveryDocument]
    links: JobLinks


class JobSummary(_Document):
    """One job in a list."""

    id: JobIdText
    state: JobState
    reason: ReasonDocument | None
    attempts: int
    received_from: str
    received_at: datetime
    updated_at: datetime
    instance: InstanceDocument
    link: str


class JobPage(_Document):
    """Jobs, newest first."""

    jobs: list[JobSummary]
    next: str | None = Field(description="The next, older page; null at the end.")


class ReceiptDocument(_Document):
    """The instance is durably stored and has a job."""

    job_id: JobIdText
    duplicate: bool = Field(description="The same instance with the same content was here before.")
    link: str


class PartDocument(_Document):
    """How one file of a form with several files was taken."""

    part: int = Field(description="Position in the form, from 1.")
    status: int = Field(description="The status that this file alone would have had.")
    receipt: ReceiptDocument | None = None
    problem: dict[str, Any] | None = None


class PartsDocument(_Document):
    """One entry per file, in order."""

    parts: list[PartDocument]


class ModelDocument(_Document):
    """One model package."""

    name: str
    version: str
    sha256: str
    license: str
    views: list[str] = Field(description="View positions that it reads.")
    segments: list[str] = Field(description="Keys of the segments that it finds.")
    metrics: dict[str, Any]


class ModelsDocument(_Document):
    """All model packages."""

    models: list[ModelDocument]


class LiveDocument(_Document):
    """The process answers."""

    status: str = "alive"
    version: str


class ReadyDocument(_Document):
    """Whether instances are taken; `degraded` takes them but will not analyse them for now."""

    status: str = Field(examples=["ready", "degraded", "unavailable"])
    checks: dict[str, str] = Field(
        examples=[{"database": "ok", "spool": "ok", "broker": "unreachable"}]
    )


class ProblemDocument(BaseModel):
    """RFC 9457. `code` is stable; some problems have further members, such as `job_id`."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:thorax:problem:job_not_found"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    code: str = Field(examples=["job_not_found"])
    detail: str = Field(examples=["There is no job with this id."])


def job_link(job_id: JobId | str) -> str:
    """Return the path of a job."""
    return f"{JOBS}/{job_id}"


def job_document(job: Job, deliveries: Iterable[Delivery], files: frozenset[str]) -> JobDocument:
    """Return the full description; `files` are the names in the job's results folder."""
    return JobDocument(
        id=job.id,
        state=job.state,
        reason=_reason(job.reason),
        attempts=job.attempts,
        received_from=job.source,
        received_at=job.received_at,
        updated_at=job.updated_at,
        transfer_syntax_uid=job.transfer_syntax_uid,
        instance=InstanceDocument.model_validate(job.reference),
        model=_model(job.model),
        deliveries=[delivery_document(delivery) for delivery in deliveries],
        links=job_links(job.id, files),
    )


def job_summary(job: Job) -> JobSummary:
    """Return the line of a list."""
    return JobSummary(
        id=job.id,
        state=job.state,
        reason=_reason(job.reason),
        attempts=job.attempts,
        received_from=job.source,
        received_at=job.received_at,
        updated_at=job.updated_at,
        instance=InstanceDocument.model_validate(job.reference),
        link=job_link(job.id),
    )


def delivery_document(delivery: Delivery) -> DeliveryDocument:
    """Return one row of the outbox."""
    is_waiting = delivery.state is DeliveryState.WAITING
    return DeliveryDocument(
        destination=delivery.destination,
        kind=delivery.kind,
        state=delivery.state,
        attempts=delivery.attempts,
        next_attempt_at=delivery.next_attempt_at if is_waiting else None,
        delivered_at=delivery.delivered_at,
        reason=_reason(delivery.reason),
        sent=SentDocument.model_validate(delivery.sent) if delivery.sent else None,
    )


def job_links(job_id: JobId, files: frozenset[str]) -> JobLinks:
    """Return links to what there is."""
    path = job_link(job_id)
    return JobLinks(
        self=path,
        result=f"{path}/result" if "result.json" in files else None,
        overlay=f"{path}/overlay.png" if "overlay.png" in files else None,
        scene=f"{path}/scene" if "scene.json" in files else None,
        objects={kind: f"{path}/objects/{kind}" for kind in ObjectKind if f"{kind}.dcm" in files},
    )


def _reason(reason: Reason | None) -> ReasonDocument | None:
    return ReasonDocument.model_validate(reason) if reason else None


def _model(model: ModelIdentity | None) -> ModelIdentityDocument | None:
    return ModelIdentityDocument.model_validate(model) if model else None
