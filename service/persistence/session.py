"""One transaction per use case; nothing else in the service begins or commits one."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, select
from sqlalchemy.orm import Session

from service.errors import OutOfResources
from service.persistence.clock import Clock, database_time
from service.persistence.deliveries import DeliveryRepository
from service.persistence.films import FilmRepository
from service.persistence.jobs import JobRepository
from service.persistence.tables import JobRow

PATIENCE_SECONDS = 10
"""How long a store may wait for the database before the sender is asked to try again later."""

_RETRY_SECONDS = 0.02
_SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout={PATIENCE_SECONDS * 1000}",
    "PRAGMA synchronous=FULL",  # a commit survives a power cut, not only a crash
    "PRAGMA foreign_keys=ON",
)
_POSTGRESQL_OPTIONS: dict[str, Any] = {
    "connect_args": {"connect_timeout": 5, "options": "-c statement_timeout=30000"},
    "pool_pre_ping": True,
    "pool_timeout": PATIENCE_SECONDS,
    "max_overflow": 20,
}
_OUR_BUGS = (exc.IntegrityError, exc.ProgrammingError, exc.DataError, exc.NotSupportedError)
_UNDEFINED_TABLE = "42P01"
_READ_ONLY = "thorax_read_only"


@dataclass(frozen=True, slots=True)
class Unit:
    """The repositories of one transaction."""

    jobs: JobRepository
    deliveries: DeliveryRepository
    films: FilmRepository


class Database:
    """The database behind `url`, opened when first used; safe to share between threads.

    Make one per process: a connection must not be carried over a fork.
    """

    def __init__(self, url: str, *, clock: Clock = database_time) -> None:
        self._engine = make_engine(url)
        self._reader = self._engine.execution_options(**{_READ_ONLY: True})
        self._clock = clock
        # SQLite has one writer at a time and lets the others poll for their turn, some of them
        # for seconds; threads of one process do better to queue up here.
        self._one_writer = threading.Lock() if _is_sqlite(self._engine) else None

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """Run one transaction: committed at the end of the block, rolled back by an exception.

        Raises OutOfResources when the database is down, locked or full; nothing was committed
        then, except that a connection lost during COMMIT leaves it open (repeating is harmless).
        """
        with _translated(), self._turn(), Session(self._engine) as session, session.begin():
            yield self._repositories(session)

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """Run a transaction that only reads: on SQLite it waits for no writer."""
        with _translated(), Session(self._reader) as session:
            yield self._repositories(session)

    def ping(self) -> None:
        """Return when the database answers and has our tables; raises OutOfResources."""
        with _translated(), Session(self._reader) as session:
            session.execute(select(JobRow.id).limit(1))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _repositories(self, session: Session) -> Unit:
        return Unit(
            JobRepository(session, self._clock),
            DeliveryRepository(session, self._clock),
            FilmRepository(session),
        )

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._one_writer is None:
            yield
            return
        if not self._one_writer.acquire(timeout=PATIENCE_SECONDS):
            raise OutOfResources("the database is busy", code="database_unavailable")
        try:
            yield
        finally:
            self._one_writer.release()


def make_engine(url: str) -> Engine:
    """Return the engine for `url`; `postgresql://` means psycopg 3.

    Statement parameters, which hold UIDs, never appear in its errors.
    """
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, hide_parameters=True, **_POSTGRESQL_OPTIONS)
    engine = create_engine(parsed, hide_parameters=True, pool_timeout=PATIENCE_SECONDS)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
    """Take the transactions away from the driver, which begins them too late, and set safety."""
    connection.isolation_level = None
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)
    _write_ahead(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Keep a write-ahead log; wait ourselves where another process is just beginning one.

    SQLite does not wait for this lock as `busy_timeout` has it: two that held on to a new file
    would wait for each other.
    """
    until = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(_RETRY_SECONDS)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: who reads first and writes later fails instead of waiting."""
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (exc.DBAPIError, exc.TimeoutError) as error:
        if isinstance(error, _OUR_BUGS) and not _is_not_migrated(error):
            raise
        raise OutOfResources("the database does not answer", code="database_unavailable") from error


def _is_not_migrated(error: exc.DBAPIError) -> bool:
    """Return whether PostgreSQL lacks our tables; SQLite says so by an OperationalError."""
    return getattr(error.orig, "sqlstate", None) == _UNDEFINED_TABLE
