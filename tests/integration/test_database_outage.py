"""A real PostgreSQL is killed under the intake: what was accepted is still there."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import make_url

from service.domain.job import JobState
from service.errors import OutOfResources
from service.intake import Accepted, Intake
from service.persistence.migrations import migrate
from service.persistence.session import Database
from service.persistence.spool import Spool
from tests.fakes import RecordingQueue, receive
from tests.peers import require
from tests.processes import Running, running

pytestmark = [pytest.mark.peer, pytest.mark.timeout(600)]
A_WHILE = 120


class Server:
    """The server behind a URL, which can be killed and started again on its files and port."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url).set(drivername="postgresql").render_as_string()
        with psycopg.connect(self.url) as connection:
            self.data = Path(self._shown(connection, "data_directory"))
            self.port = self._shown(connection, "port")
            parent = psutil.Process(connection.info.backend_pid).parent()
        assert parent is not None
        self.process = parent

    def kill(self) -> None:
        """Kill it and all its processes at once, as a machine that loses power does."""
        family = [self.process, *self.process.children()]
        for each in family:
            with suppress(psutil.NoSuchProcess):  # a child follows its parent on its own
                each.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=A_WHILE)

    def again(self) -> AbstractContextManager[Running]:
        """Start it again; it recovers from its write-ahead log."""
        (self.data / "postmaster.pid").unlink()
        options = ["-p", self.port, "-k", self.data.parent, "-c", "listen_addresses=127.0.0.1"]
        return running(
            [require("postgresql") / "postgres", "-D", self.data, *options],
            self.data.parent / "again.log",
            user="postgres" if os.geteuid() == 0 else None,
            ready=self._answers,
            seconds=A_WHILE,
        )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    @staticmethod
    def _shown(connection: psycopg.Connection[tuple[str]], name: str) -> str:
        row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
        assert row is not None
        return str(row[0])


@pytest.fixture
def server(postgresql_url: str) -> Server:
    migrate(postgresql_url)
    return Server(postgresql_url)


@pytest.fixture
def intake(postgresql_url: str, tmp_path: Path) -> Iterator[Intake]:
    database, spool = Database(postgresql_url), Spool(tmp_path / "home")
    yield Intake(database, spool, RecordingQueue(), 0)
    database.close()
    spool.close()


def test_intake_refuses_without_a_database_and_goes_on_by_itself(
    server: Server, intake: Intake
) -> None:
    before = intake.accept(receive(intake.spool, "1.1"))
    server.kill()

    for _ in range(2):
        with pytest.raises(OutOfResources) as raised:
            intake.accept(receive(intake.spool, "1.2"))
        assert raised.value.code == "database_unavailable"

    with server.again():
        after = intake.accept(receive(intake.spool, "1.2"))
        with intake.database.reading() as unit:
            found = {job.id: job.state for job in unit.jobs.page(None, 10, None)}
    assert found == {before.job_id: JobState.QUEUED, after.job_id: JobState.QUEUED}


def test_what_was_accepted_when_the_server_was_killed_is_there_when_it_is_back(
    server: Server, intake: Intake
) -> None:
    def send_until_refused(sender: int) -> list[Accepted]:
        accepted = []
        for number in range(10_000):
            try:
                accepted.append(intake.accept(receive(intake.spool, f"1.{sender}.{number}")))
            except OutOfResources:
                return accepted
            if sender == 0 and number == 20:
                server.kill()
        return accepted

    with ThreadPoolExecutor(8) as pool:
        accepted = [each for sent in pool.map(send_until_refused, range(8)) for each in sent]

    with server.again(), intake.database.reading() as unit:
        lost = [each.job_id for each in accepted if unit.jobs.get(each.job_id) is None]
    assert len(accepted) > 20
    assert lost == []
