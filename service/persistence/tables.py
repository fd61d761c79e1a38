"""The tables: `jobs` (one row per analysis of an instance), `deliveries` (the outbox), `films`.

`films` says what an ended analysis is found by as a prior; it holds no patient data in clear.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from service.domain.analysis import ObjectKind
from service.domain.image import ViewPosition
from service.domain.job import DeliveryState, JobState

UID_LENGTH = 64
SHA256_LENGTH = 64
JOB_ID_LENGTH = 32
NAME_LENGTH = 64
MODEL_NAME_LENGTH = 128
WORKER_LENGTH = 128
STATE_LENGTH = 16
MOMENT_LENGTH = 20


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time in Python; SQLite, which knows no time zones, stores it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC; a naive one is a bug and raises ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def _stored_as_text(kind: type[StrEnum]) -> Enum:
    """Return a column type of the enumeration's values, so that SQL shows what the API shows."""
    return Enum(
        kind,
        native_enum=False,
        length=STATE_LENGTH,
        values_callable=lambda members: [member.value for member in members],
    )


class Table(DeclarativeBase):
    """Base of the tables; constraints are named so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        JobState: _stored_as_text(JobState),
        DeliveryState: _stored_as_text(DeliveryState),
        ObjectKind: _stored_as_text(ObjectKind),
        ViewPosition: _stored_as_text(ViewPosition),
    }


class JobRow(Table):
    """One analysis of one instance with one content, and how far it is.

    repeat: 0 for the analysis that its arrival asked for, 1, 2, … for those asked for later.
    due_at: while `queued` the earliest time to start, while `analysing` the end of the lease.
    rung_at: when the queue was last told of it; None asks for it to be told at the next sweep.
    spool_name: stem of its file in the inbox, by which files without a row are found.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("sop_instance_uid", "content_sha256", "repeat"),
        Index(None, "spool_name"),
        Index(None, "state", "due_at"),
        Index(None, "state", "received_at", "id"),
        Index(None, "received_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(JOB_ID_LENGTH), primary_key=True)
    study_instance_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    series_instance_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    sop_instance_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    sop_class_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    transfer_syntax_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    content_sha256: Mapped[str] = mapped_column(String(SHA256_LENGTH))
    repeat: Mapped[int] = mapped_column(default=0)
    spool_name: Mapped[str] = mapped_column(String(SHA256_LENGTH))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(NAME_LENGTH))
    state: Mapped[JobState]
    reason_code: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    reason_text: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(WORKER_LENGTH))
    due_at: Mapped[datetime]
    rung_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    model_name: Mapped[str | None] = mapped_column(String(MODEL_NAME_LENGTH))
    model_version: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    model_sha256: Mapped[str | None] = mapped_column(String(SHA256_LENGTH))


class DeliveryRow(Table):
    """One wanted kind of object on its way to one destination.

    sop_class_uid, sop_instance_uid: the wanted object's; once delivered, those of what was sent
    (the first, where a kind is several instances). sent_*: what that was and why, null before.
    next_attempt_at: while `waiting`, when it is due; during an attempt, when that is given up.
    attempts: grows with every claim and so fences off an attempt that was given up.
    created_at: since when it is tried; begins anew when an operator has a dead one tried again.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("job_id", "destination", "kind"),
        Index(None, "state", "next_attempt_at"),
    )

    # BIGSERIAL on PostgreSQL; SQLite numbers only an INTEGER primary key by itself.
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"))
    destination: Mapped[str] = mapped_column(String(NAME_LENGTH))
    kind: Mapped[ObjectKind]
    sop_class_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    sop_instance_uid: Mapped[str] = mapped_column(String(UID_LENGTH))
    state: Mapped[DeliveryState]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    reason_code: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    reason_text: Mapped[str | None] = mapped_column(Text)
    sent_kind: Mapped[ObjectKind | None]
    sent_family: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    sent_transfer_syntax_uid: Mapped[str | None] = mapped_column(String(UID_LENGTH))
    sent_code: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    sent_text: Mapped[str | None] = mapped_column(Text)


class FilmRow(Table):
    """What an ended analysis is found by; `software` is the version that made it."""

    __tablename__ = "films"
    __table_args__ = (Index(None, "patient", "view", "acquired"),)

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    patient: Mapped[str | None] = mapped_column(String(SHA256_LENGTH))
    acquired: Mapped[str | None] = mapped_column(String(MOMENT_LENGTH))
    view: Mapped[ViewPosition]
    software: Mapped[str] = mapped_column(String(NAME_LENGTH))
