"""Runs migrations on a connection that it is given, or on the database of `-x url=…`."""

from sqlalchemy import Connection

from alembic import context
from service.persistence.session import make_engine
from service.persistence.tables import Table


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=True,  # SQLite changes a table by copying it
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with make_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as opened:
        run(opened)
