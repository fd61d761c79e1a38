"""Fixtures of migrated databases: SQLite files, and PostgreSQL databases of one real server."""

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

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.peer))


@pytest.fixture(scope="session")
def migrated_postgresql() -> Iterator[str]:
    """The URL of a migrated PostgreSQL database, one for all tests."""
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
def database_url(request: pytest.FixtureRequest, sqlite_url: str) -> str:
    """A migrated, empty database of each kind."""
    if request.param == "sqlite":
        return sqlite_url
    url: str = request.getfixturevalue("migrated_postgresql")
    plain = make_url(url).set(drivername="postgresql").render_as_string()
    with psycopg.connect(plain, autocommit=True) as server:
        server.execute("SET lock_timeout = '10s'")
        server.execute("TRUNCATE jobs, deliveries, films RESTART IDENTITY")
    return url


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
