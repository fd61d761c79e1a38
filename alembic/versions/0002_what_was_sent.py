"""What a destination was sent for a wanted object, and why; jobs are paged by time and id."""

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BY_INSTANCE = "uq_deliveries_job_id_destination_sop_instance_uid"
_BY_KIND = "uq_deliveries_job_id_destination_kind"
_SENT = (
    ("sent_kind", sa.String(16)),
    ("sent_family", sa.String(64)),
    ("sent_transfer_syntax_uid", sa.String(64)),
    ("sent_code", sa.String(64)),
    ("sent_text", sa.Text),
)


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as deliveries:
        for name, kind in _SENT:
            deliveries.add_column(sa.Column(name, kind))
        # What stands in for two wanted kinds is one instance in two rows.
        deliveries.drop_constraint(_BY_INSTANCE, type_="unique")
        deliveries.create_unique_constraint(_BY_KIND, ["job_id", "destination", "kind"])
    _index_jobs("received_at", "id")


def downgrade() -> None:
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.drop_constraint(_BY_KIND, type_="unique")
        # Fails when two rows hold one instance: then there is no way back without losing one.
        deliveries.create_unique_constraint(
            _BY_INSTANCE, ["job_id", "destination", "sop_instance_uid"]
        )
        for name, _ in reversed(_SENT):
            deliveries.drop_column(name)
    _index_jobs("received_at")


def _index_jobs(*columns: str) -> None:
    """Replace both indexes on the jobs' time by such on these columns."""
    other = {"received_at_id", "received_at"} - {"_".join(columns)}
    for leading in ((), ("state",)):
        (gone,) = other
        op.drop_index("_".join(("ix_jobs", *leading, gone)), "jobs")
        op.create_index("_".join(("ix_jobs", *leading, *columns)), "jobs", [*leading, *columns])
