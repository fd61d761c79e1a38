"""Fixtures of migrated databases: SQLite files, and PostgreSQL databases of one real server."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from service.persistence.migrations import migrate
from service.persistence.session import Database
from tests.fakes import MovableClock
from tests.servers import postgresql_server

_NUMBERS = itertools.count()
BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.peer))


@pytest.fixture(scope="session")
def migrated_postgresql() -> Iterator[str]:
    """The URL of a migrated PostgreSQL database that serves as a template."""
    with postgresql_server() as url:
        migrate(url)
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that serves as a template."""
    path = tmp_path_factory.mktemp("template") / "thorax.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'thorax.db')}"


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[str]:
    """A migrated, empty database of each kind."""
    if request.param == "sqlite":
        yield sqlite_url
        return
    template = make_url(request.getfixturevalue("migrated_postgresql"))
    copy = template.set(database=f"copy_{next(_NUMBERS)}")
    admin = template.set(drivername="postgresql", database="postgres").render_as_string()
    with psycopg.connect(admin, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {copy.database} TEMPLATE {template.database}")  # type: ignore[arg-type]
        yield copy.render_as_string()
        server.execute(f"DROP DATABASE {copy.database} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.fixture
def clock() -> MovableClock:
    """The database's time in this test."""
    return MovableClock()


@pytest.fixture
def database(database_url: str, clock: MovableClock) -> Iterator[Database]:
    """A database of each kind that goes by `clock`."""
    opened = Database(database_url, clock=clock)
    yield opened
    opened.close()
