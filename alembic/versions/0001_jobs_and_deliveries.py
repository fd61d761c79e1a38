"""Jobs and their deliveries, as of version 0.1."""

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_UID = sa.String(64)
_SHA256 = sa.String(64)
_NAME = sa.String(64)
_STATE = sa.String(16)
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("study_instance_uid", _UID, nullable=False),
        sa.Column("series_instance_uid", _UID, nullable=False),
        sa.Column("sop_instance_uid", _UID, nullable=False),
        sa.Column("sop_class_uid", _UID, nullable=False),
        sa.Column("transfer_syntax_uid", _UID, nullable=False),
        sa.Column("content_sha256", _SHA256, nullable=False),
        sa.Column("spool_name", _SHA256, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("source", _NAME, nullable=False),
        sa.Column("state", _STATE, nullable=False),
        sa.Column("reason_code", _NAME),
        sa.Column("reason_text", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(128)),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("rung_at", _TIME),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("model_name", sa.String(128)),
        sa.Column("model_version", _NAME),
        sa.Column("model_sha256", _SHA256),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint(
            "sop_instance_uid", "content_sha256", name="uq_jobs_sop_instance_uid_content_sha256"
        ),
        sa.UniqueConstraint("spool_name", name="uq_jobs_spool_name"),
    )
    op.create_index("ix_jobs_received_at", "jobs", ["received_at"])
    op.create_index("ix_jobs_state_due_at", "jobs", ["state", "due_at"])
    op.create_index("ix_jobs_state_received_at", "jobs", ["state", "received_at"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("job_id", sa.String(32), nullable=False),
        sa.Column("destination", _NAME, nullable=False),
        sa.Column("kind", _STATE, nullable=False),
        sa.Column("sop_class_uid", _UID, nullable=False),
        sa.Column("sop_instance_uid", _UID, nullable=False),
        sa.Column("state", _STATE, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", _TIME, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("delivered_at", _TIME),
        sa.Column("reason_code", _NAME),
        sa.Column("reason_text", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_deliveries_job_id_jobs"),
        sa.UniqueConstraint(
            "job_id",
            "destination",
            "sop_instance_uid",
            name="uq_deliveries_job_id_destination_sop_instance_uid",
        ),
    )
    op.create_index(
        "ix_deliveries_state_next_attempt_at", "deliveries", ["state", "next_attempt_at"]
    )


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("jobs")
