"""Films by which priors are found, and further analyses of one instance."""

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ONCE = "uq_jobs_sop_instance_uid_content_sha256"
_EACH = "uq_jobs_sop_instance_uid_content_sha256_repeat"
_INSTANCE = ["sop_instance_uid", "content_sha256"]


def upgrade() -> None:
    _set_deliveries_aside()
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("repeat", sa.Integer, nullable=False, server_default="0"))
        jobs.drop_constraint(_ONCE, type_="unique")
        jobs.drop_constraint("uq_jobs_spool_name", type_="unique")
        jobs.create_unique_constraint(_EACH, [*_INSTANCE, "repeat"])
    with op.batch_alter_table("jobs") as jobs:
        jobs.alter_column("repeat", server_default=None)
    op.create_index("ix_jobs_spool_name", "jobs", ["spool_name"])
    _put_deliveries_back()
    op.create_table(
        "films",
        sa.Column("job_id", sa.String(32), nullable=False),
        sa.Column("patient", sa.String(64)),
        sa.Column("acquired", sa.String(20)),
        sa.Column("view", sa.String(16), nullable=False),
        sa.Column("software", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_films"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_films_job_id_jobs"),
    )
    op.create_index("ix_films_patient_view_acquired", "films", ["patient", "view", "acquired"])


def downgrade() -> None:
    op.drop_table("films")
    op.execute("DELETE FROM deliveries WHERE job_id IN (SELECT id FROM jobs WHERE repeat > 0)")
    op.execute("DELETE FROM jobs WHERE repeat > 0")
    _set_deliveries_aside()
    op.drop_index("ix_jobs_spool_name", "jobs")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_constraint(_EACH, type_="unique")
        jobs.drop_column("repeat")
        jobs.create_unique_constraint("uq_jobs_spool_name", ["spool_name"])
        jobs.create_unique_constraint(_ONCE, _INSTANCE)
    _put_deliveries_back()


def _set_deliveries_aside() -> None:
    """Empty `deliveries` on SQLite, which changes `jobs` by dropping it: no row may refer to it."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE TEMPORARY TABLE kept_deliveries AS SELECT * FROM deliveries")
        op.execute("DELETE FROM deliveries")


def _put_deliveries_back() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO deliveries SELECT * FROM kept_deliveries")
        op.execute("DROP TABLE kept_deliveries")
