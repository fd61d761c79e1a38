"""Brings a database to this version's schema, and says where the migrations are."""

import sys
from pathlib import Path

from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from alembic import command
from service.errors import OutOfResources, StateError
from service.persistence.session import make_engine

_LOCK_KEY = 7_468_111_801  # any number that no other user of the database takes
_PLACES = (
    Path(__file__).resolve().parents[2] / "alembic",  # a source checkout, or the image's folder
    Path(sys.prefix) / "share" / "thorax" / "alembic",  # an installed wheel
)


def migrations_folder() -> Path:
    """Return the folder of env.py and versions/; raises StateError when it was not installed."""
    for place in _PLACES:
        if (place / "env.py").is_file():
            return place
    raise StateError("the folder of database migrations was not installed", code="no_migrations")


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest schema, in one transaction.

    Several processes may call it at once: one works, the others then find nothing to do.
    Raises OutOfResources when the database does not answer.
    """
    configuration = alembic_configuration()
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})"))
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, "head")
    except DBAPIError as error:
        raise OutOfResources(
            "the database could not be migrated", code="database_unavailable"
        ) from error
    finally:
        engine.dispose()


def alembic_configuration() -> Config:
    """Return alembic's configuration without a database; env.py takes one from `attributes`."""
    folder = migrations_folder()
    configuration = Config()
    configuration.set_main_option("script_location", str(folder).replace("%", "%%"))
    return configuration
