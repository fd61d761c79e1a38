import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError

from service.domain.identifiers import JobId, new_job_id
from service.domain.job import JobState
from service.errors import OutOfResources
from service.persistence import session
from service.persistence.session import Database, make_engine
from service.persistence.spool import Spool
from tests.fakes import receive


def test_a_unit_commits_at_its_end(database: Database, spool: Spool) -> None:
    added = new_job_id()

    with database.unit() as unit:
        unit.jobs.add(added, receive(spool))

    with database.reading() as unit:
        assert unit.jobs.get(added) is not None


def test_an_exception_leaves_nothing_of_a_unit(database: Database, spool: Spool) -> None:
    added = new_job_id()

    def add_and_fail() -> None:
        with database.unit() as unit:
            unit.jobs.add(added, receive(spool))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()

    with database.reading() as unit:
        assert unit.jobs.get(added) is None


@pytest.mark.parametrize(
    ("pragma", "expected"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)],
)
def test_sqlite_is_opened_durable_and_strict(
    sqlite_url: str, pragma: str, expected: object
) -> None:
    """synchronous 2 is FULL: the write-ahead log is synced before a commit returns."""
    engine = make_engine(sqlite_url)

    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()

    assert found == expected
    engine.dispose()


def test_two_processes_that_read_then_write_both_succeed(sqlite_url: str, spool: Spool) -> None:
    """Without BEGIN IMMEDIATE the second fails at once with "database is locked".

    Two Database objects share no lock, as two processes do.
    """
    databases = [Database(sqlite_url) for _ in range(2)]
    received = [receive(spool, f"1.2.{number}") for number in range(20)]

    def read_then_write(number: int) -> None:
        with databases[number % 2].unit() as unit:
            unit.jobs.counts()
            unit.jobs.add(new_job_id(), received[number])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read_then_write, range(20)))

    with databases[0].reading() as unit:
        assert unit.jobs.counts()[JobState.QUEUED] == 20
    for each in databases:
        each.close()


def test_reading_waits_for_no_writer(sqlite_url: str) -> None:
    database, other = Database(sqlite_url), Database(sqlite_url)

    with database.unit(), other.reading() as unit:
        assert unit.jobs.page(None, 10, None) == ()

    database.close()
    other.close()


def test_a_writer_gives_up_when_another_holds_the_database(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The patience is shortened so that the test need not wait for it.
    monkeypatch.setattr(session, "_SQLITE_PRAGMAS", ("PRAGMA busy_timeout=10",))
    database, holder = Database(sqlite_url), sqlite3.connect(make_url(sqlite_url).database or "")
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(OutOfResources) as raised, database.unit() as unit:
        unit.jobs.counts()

    assert raised.value.code == "database_unavailable"
    assert raised.value.retryable
    holder.close()
    database.close()


def test_a_thread_gives_up_when_another_thread_holds_the_database(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "PATIENCE_SECONDS", 0.01)
    database = Database(sqlite_url)

    def attempt() -> None:
        with database.unit():
            raise AssertionError("two writers at once")

    with database.unit(), ThreadPoolExecutor(1) as pool, pytest.raises(OutOfResources):
        pool.submit(attempt).result()
    database.close()


@pytest.mark.parametrize(
    "make_url_of",
    [
        pytest.param(lambda folder: f"sqlite:///{folder / 'absent' / 'x.db'}", id="no folder"),
        pytest.param(lambda folder: f"sqlite:///{folder / 'empty.db'}", id="not migrated"),
        pytest.param(lambda _: "postgresql://x@127.0.0.1:1/x", id="nobody listens"),
    ],
)
def test_a_database_that_is_not_there_is_out_of_resources(
    make_url_of: Callable[[Path], str], tmp_path: Path
) -> None:
    database = Database(make_url_of(tmp_path))

    for attempt in (database.ping, lambda: _count(database)):
        with pytest.raises(OutOfResources):
            attempt()
    database.close()


def test_a_damaged_file_is_out_of_resources(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"this is no database" * 100)
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")

    with pytest.raises(OutOfResources):
        database.ping()
    database.close()


@pytest.mark.peer
def test_a_postgresql_that_is_not_migrated_is_out_of_resources(postgresql_url: str) -> None:
    database = Database(postgresql_url)

    with pytest.raises(OutOfResources):
        database.ping()
    database.close()


def test_ping_returns_when_all_is_well(database: Database) -> None:
    database.ping()


def test_errors_do_not_quote_identifiers(sqlite_url: str, spool: Spool) -> None:
    database, added = Database(sqlite_url), JobId("f" * 32)

    def add() -> None:
        with database.unit() as unit:
            unit.jobs.add(added, receive(spool, "1.2.9999"))

    add()
    with pytest.raises(IntegrityError, match="UNIQUE") as raised:
        add()

    assert "1.2.9999" not in str(raised.value)
    database.close()


def test_threads_of_one_process_queue_up_for_the_one_writer(sqlite_url: str) -> None:
    database, inside = Database(sqlite_url), threading.Semaphore(0)
    most = 0

    def write(_: int) -> None:
        nonlocal most
        with database.unit():
            inside.release()
            most = max(most, inside._value)  # noqa: SLF001 - how many are inside
            inside.acquire()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))

    assert most == 1
    database.close()


def _count(database: Database) -> None:
    with database.unit() as unit:
        unit.jobs.counts()


def test_a_new_database_that_another_is_just_opening_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("CREATE TABLE theirs (id INTEGER)")
    waited = []

    def let_go(seconds: float) -> None:
        waited.append(seconds)
        other.execute("COMMIT")

    monkeypatch.setattr(session, "_SQLITE_PRAGMAS", ("PRAGMA busy_timeout=0",))
    monkeypatch.setattr(session, "sleep", let_go)
    engine = make_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    engine.dispose()
    other.close()

    assert mode == "wal"
    assert len(waited) == 1
