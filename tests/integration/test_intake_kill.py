"""A process that takes instances is killed outright: nothing that it acknowledged is lost."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.domain.identifiers import JobId
from service.domain.instance import ReceivedInstance
from service.domain.job import JobState
from service.intake import Intake
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.queue import SilentQueue
from tests.databases import migrated_sqlite, sqlite_url
from tests.fakes import receive, reference

__all__ = ["migrated_sqlite", "sqlite_url"]

ROUNDS = 3
SENDERS = 8


def content_of(sop_instance_uid: str) -> bytes:
    """Large enough that a kill may hit the middle of a write."""
    return f"{sop_instance_uid}\n".encode() * 4096


def take_for_ever(home: Path, url: str, first: str) -> None:
    """Accept instances in threads, and say which only when they are accepted."""
    intake = Intake(Database(url), Spool(home), SilentQueue(), 0)

    def take(sender: int) -> None:
        for number in range(1_000_000):
            uid = f"1.{first}.{sender}.{number}"
            accepted = intake.accept(receive(intake.spool, uid, content_of(uid)))
            os.write(sys.stdout.fileno(), f"{accepted.job_id} {uid}\n".encode())

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(take, range(SENDERS)))


def identified(path: Path) -> ReceivedInstance:
    content = path.read_bytes()
    return ReceivedInstance(
        reference=reference(content.split(b"\n", 1)[0].decode()),
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        temporary_path=path,
        content_sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        source="recovered",
        received_at=datetime.now(UTC),
    )


def acknowledged_before_the_kill(home: Path, url: str, first: int) -> dict[JobId, str]:
    """Run the taking process, kill it in the middle, return what it said."""
    command = [sys.executable, "-m", "tests.integration.test_intake_kill", home, url, str(first)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(30 + 7 * first)]
    process.kill()
    lines += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    whole = [line.split() for line in lines if line.endswith("\n")]
    return {JobId(job_id): uid for job_id, uid in whole}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_acknowledged_instances_survive_kills_and_all_files_end_with_a_row(
    tmp_path: Path, sqlite_url: str
) -> None:
    home = tmp_path / "home"
    acknowledged: dict[JobId, str] = {}
    for first in range(ROUNDS):
        acknowledged |= acknowledged_before_the_kill(home, sqlite_url, first)
    database, spool = Database(sqlite_url), Spool(home)

    for job_id, uid in acknowledged.items():
        with database.reading() as unit:
            job = unit.jobs.get(job_id)
        assert job is not None
        assert job.state is JobState.QUEUED
        assert spool.instance_path(job).read_bytes() == content_of(uid)

    spool.sweep()
    Intake(database, spool, SilentQueue(), 0).recover(identified)
    files = list(spool.kept_files())
    with database.reading() as unit:
        assert unit.jobs.counts()[JobState.QUEUED] == len(files) >= len(acknowledged)
    assert all(path.read_bytes() == content_of(_uid_in(path)) for path in files)
    assert list((home / "inbox" / "tmp").iterdir()) == []
    database.close()
    spool.close()


def _uid_in(path: Path) -> str:
    return path.read_bytes().split(b"\n", 1)[0].decode()


if __name__ == "__main__":
    take_for_ever(Path(sys.argv[1]), *sys.argv[2:4])
