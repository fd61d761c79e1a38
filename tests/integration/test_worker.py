"""Real Celery workers, a real Redis, and kill -9: no accepted job is lost, none done twice."""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import redis

from service.domain.identifiers import JobId
from service.domain.job import DeliveryState, Job, JobState
from service.errors import OutOfResources
from service.intake import Intake
from service.persistence.jobs import MAXIMUM_ATTEMPTS
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.queue import ANALYSIS_QUEUE, DELIVERY_QUEUE, CeleryQueue
from tests.databases import migrated_sqlite, sqlite_url
from tests.fakes import receive
from tests.peers import require
from tests.processes import Running, answers, eventually, free_port, running

__all__ = ["migrated_sqlite", "sqlite_url"]
pytestmark = [pytest.mark.peer, pytest.mark.slow, pytest.mark.timeout(600)]

REDONE_WITHIN_SECONDS = 30
"""What is promised (docs/reliability.md): lease 15 s + sweep 5 s + the pool's new process."""

A_WHILE = 120


@dataclass
class Site:
    """Everything around the workers of one test."""

    home: Path
    database_url: str
    broker_port: int = field(default_factory=free_port)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(100)))

    def __post_init__(self) -> None:
        self.spool = Spool(self.home)
        self.database = Database(self.database_url)
        self.queue = CeleryQueue(self.broker_url)
        self.intake = Intake(self.database, self.spool, self.queue, 0)
        for name in ("script", "seen", "broker"):
            (self.home / name).mkdir()

    @property
    def broker_url(self) -> str:
        return f"redis://127.0.0.1:{self.broker_port}/0"

    def broker(self) -> AbstractContextManager[Running]:
        """Run a Redis that remembers nothing over a restart."""
        command = [require("redis"), "--port", str(self.broker_port), "--bind", "127.0.0.1"]
        log = self.home / "broker" / "redis.log"
        ready = lambda: answers(self.broker_port)  # noqa: E731
        return running([*command, "--save", ""], log, ready=ready)

    @contextmanager
    def worker(self, queue: str) -> Iterator[Running]:
        """Run a worker of one process."""
        module = [sys.executable, "-m", "tests.worker_under_test"]
        log = self.home / f"{queue}-{next(self.numbers)}.log"
        before = len(self.seen("opened"))
        with running(
            [*module, self.home, self.database_url, self.broker_url, queue],
            log,
            environment={"OMP_NUM_THREADS": "1"},
            ready=lambda: len(self.seen("opened")) > before,
            seconds=A_WHILE,
        ) as started:
            yield started

    def send(self, *contents: str) -> list[JobId]:
        """Take one instance per content, each with a UID of its own."""
        return [
            self.intake.accept(receive(self.spool, f"1.2.{abs(hash(text))}", text.encode())).job_id
            for text in contents
        ]

    def want(self, name: str, text: str = "") -> None:
        (self.home / "script" / name).write_text(text)

    def unwant(self, name: str) -> None:
        (self.home / "script" / name).unlink()

    def seen(self, name: str) -> list[list[str]]:
        path = self.home / "seen" / name
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def job(self, job_id: JobId) -> Job:
        with self.database.reading() as unit:
            job = unit.jobs.get(job_id)
        assert job is not None
        return job

    def wait_for(self, state: JobState, jobs: Sequence[JobId], seconds: float = A_WHILE) -> None:
        def all_are() -> bool:
            return {self.job(job_id).state for job_id in jobs} == {state}

        eventually(all_are, seconds, f"{len(jobs)} jobs {state}")

    def wait_until_seen(self, name: str, times: int = 1) -> list[list[str]]:
        def enough() -> list[list[str]] | None:
            lines = self.seen(name)
            return lines if len(lines) >= times else None

        return eventually(enough, A_WHILE, f"{times} times {name}")

    def delivered_uids(self, jobs: Sequence[JobId]) -> set[str]:
        with self.database.reading() as unit:
            rows = [row for job_id in jobs for row in unit.deliveries.of_job(job_id)]
        assert {row.state for row in rows} == {DeliveryState.DELIVERED}
        return {row.sop_instance_uid for row in rows}


@pytest.fixture
def site(tmp_path: Path, sqlite_url: str) -> Iterator[Site]:
    made = Site(tmp_path / "home", sqlite_url)
    yield made
    made.queue.close()
    made.database.close()
    made.spool.close()


@pytest.fixture
def broker(site: Site) -> Iterator[Running]:
    with site.broker() as started:
        yield started


@pytest.fixture
def workers(site: Site, broker: Running) -> Iterator[tuple[Running, Running]]:
    """One worker for analyses and one for deliveries."""
    assert broker.process.poll() is None
    with site.worker(ANALYSIS_QUEUE) as analysing, site.worker(DELIVERY_QUEUE) as delivering:
        yield analysing, delivering


def assert_one_seg_and_one_sr_each(site: Site, jobs: Sequence[JobId]) -> None:
    """Whatever was repeated, the PACS holds these SOP Instance UIDs and no others."""
    uids = site.delivered_uids(jobs)
    received = {(kind, uid) for kind, uid, _ in site.seen("delivered")}
    assert {uid for _, uid in received} == uids
    assert Counter(kind for kind, _ in received) == {"seg": len(jobs), "sr": len(jobs)}


@pytest.mark.usefixtures("workers")
def test_what_was_sent_is_analysed_and_delivered_once(site: Site) -> None:
    jobs = site.send(*map(str, range(10)))

    site.wait_for(JobState.DONE, jobs)

    assert len(site.seen("analysing")) == 10
    assert len(site.seen("delivered")) == 20
    assert_one_seg_and_one_sr_each(site, jobs)


def test_a_job_whose_pool_process_was_killed_is_redone(
    site: Site, workers: tuple[Running, Running]
) -> None:
    site.want("hold-analysis")
    jobs = site.send("one")
    ((_, pid),) = site.wait_until_seen("analysing")

    os.kill(int(pid), signal.SIGKILL)
    site.unwant("hold-analysis")

    site.wait_for(JobState.DONE, jobs, REDONE_WITHIN_SECONDS)
    assert site.job(jobs[0]).attempts == 2
    assert workers[0].process.poll() is None
    assert_one_seg_and_one_sr_each(site, jobs)


def test_a_job_whose_worker_was_killed_is_redone_by_the_next(
    site: Site, workers: tuple[Running, Running]
) -> None:
    site.want("hold-analysis")
    jobs = site.send("one", "two")
    ((_, pid),) = site.wait_until_seen("analysing")

    workers[0].process.kill()
    killed_at = time.monotonic()
    eventually(lambda: not psutil.pid_exists(int(pid)), A_WHILE, "the pool process gone")
    site.unwant("hold-analysis")
    with site.worker(ANALYSIS_QUEUE):
        left = REDONE_WITHIN_SECONDS - (time.monotonic() - killed_at)
        site.wait_for(JobState.DONE, jobs, left)

    assert sorted(site.job(job).attempts for job in jobs) == [1, 2]
    assert_one_seg_and_one_sr_each(site, jobs)


def test_a_delivery_cut_off_by_a_kill_is_repeated_with_the_same_uid(
    site: Site, workers: tuple[Running, Running]
) -> None:
    site.want("hold-delivery")
    jobs = site.send("one")
    ((kind, uid, pid),) = site.wait_until_seen("delivered")

    os.kill(int(pid), signal.SIGKILL)
    site.unwant("hold-delivery")

    site.wait_for(JobState.DONE, jobs, REDONE_WITHIN_SECONDS)
    assert [line[:2] for line in site.seen("delivered")].count([kind, uid]) == 2
    assert len(site.seen("analysing")) == 1
    assert workers[1].process.poll() is None
    assert_one_seg_and_one_sr_each(site, jobs)


@pytest.mark.usefixtures("workers")
def test_an_instance_that_kills_its_process_is_dead_after_three_attempts(site: Site) -> None:
    site.want("poison", "poison")
    (poison,) = site.send("poison")
    site.wait_until_seen("analysing")
    healthy = site.send("healthy")

    site.wait_for(JobState.DONE, healthy)
    site.wait_for(JobState.DEAD, [poison], 3 * REDONE_WITHIN_SECONDS)

    attempts = [line for line in site.seen("analysing") if line[0] == "poison"]
    reason = site.job(poison).reason
    assert len(attempts) == MAXIMUM_ATTEMPTS
    assert reason is not None
    assert reason.code == "worker_lost"
    assert (site.spool.result_folder(poison) / "result.json").exists()


@pytest.mark.usefixtures("workers")
def test_a_broker_that_forgets_everything_loses_no_job(site: Site) -> None:
    site.want("hold-analysis")
    jobs = site.send(*map(str, range(5)))
    site.wait_until_seen("analysing")

    with redis.Redis(port=site.broker_port) as broker:
        broker.flushall()
    site.unwant("hold-analysis")

    site.wait_for(JobState.DONE, jobs)
    assert_one_seg_and_one_sr_each(site, jobs)


def test_a_broker_that_is_down_for_a_while_loses_no_job(site: Site) -> None:
    """It comes back empty, as after a crash without persistence."""
    with ExitStack() as stack:
        broker = stack.enter_context(site.broker())
        for queue in (ANALYSIS_QUEUE, DELIVERY_QUEUE):
            stack.enter_context(site.worker(queue))
        before = site.send("before")
        site.wait_for(JobState.DONE, before)
        broker.stop()

        meanwhile = site.send("meanwhile 1", "meanwhile 2")
        with pytest.raises(OutOfResources):
            site.queue.waiting_analyses()
        assert {site.job(job_id).state for job_id in meanwhile} == {JobState.QUEUED}
        stack.enter_context(site.broker())

        site.wait_for(JobState.DONE, meanwhile)
    assert_one_seg_and_one_sr_each(site, before + meanwhile)


def test_a_broker_that_goes_away_while_tasks_run_leaves_no_worker_stuck(site: Site) -> None:
    """The tasks' messages cannot be acknowledged, which left Celery idle for ever."""
    with ExitStack() as stack:
        broker = stack.enter_context(site.broker())
        for queue in (ANALYSIS_QUEUE, DELIVERY_QUEUE):
            stack.enter_context(site.worker(queue))
        site.want("hold-analysis")
        site.want("hold-delivery")
        (first,) = site.send("first")
        site.wait_until_seen("analysing")
        site.unwant("hold-analysis")
        site.wait_until_seen("delivered")
        site.want("hold-analysis")
        (second,) = site.send("second")
        site.wait_until_seen("analysing", 2)

        broker.stop()
        site.unwant("hold-analysis")
        site.unwant("hold-delivery")
        site.wait_for(JobState.DONE, [first])
        stack.enter_context(site.broker())
        (third,) = site.send("third")

        site.wait_for(JobState.DONE, [first, second, third])


def test_a_worker_without_pool_processes_works_too(site: Site, broker: Running) -> None:
    """As on macOS, where a fork is not safe."""
    assert broker.process.poll() is None
    site.want("pool", "solo")

    with site.worker(ANALYSIS_QUEUE), site.worker(DELIVERY_QUEUE):
        jobs = site.send("one", "two")
        site.wait_for(JobState.DONE, jobs)


def test_a_worker_that_starts_before_its_broker_waits_for_it(site: Site) -> None:
    jobs = site.send("one")

    with site.worker(ANALYSIS_QUEUE), site.worker(DELIVERY_QUEUE), site.broker():
        site.wait_for(JobState.DONE, jobs)


@pytest.mark.usefixtures("workers")
def test_many_messages_and_two_workers_analyse_each_job_once(site: Site) -> None:
    with site.worker(ANALYSIS_QUEUE):
        jobs = site.send(*map(str, range(20)))
        for job_id in jobs * 3:
            site.queue.ring_analysis(job_id)
        site.wait_for(JobState.DONE, jobs)

        eventually(lambda: site.queue.waiting_analyses() == 0, A_WHILE, "all messages taken")

    contents = Counter(content for content, _ in site.seen("analysing"))
    assert contents == {str(number): 1 for number in range(20)}
    assert len({pid for _, pid in site.seen("analysing")}) == 2


def test_a_worker_that_is_asked_to_stop_ends_what_it_has_begun(
    site: Site, workers: tuple[Running, Running]
) -> None:
    site.want("hold-analysis")
    jobs = site.send("one")
    site.wait_until_seen("analysing")

    workers[0].process.terminate()
    site.unwant("hold-analysis")

    assert workers[0].process.wait(A_WHILE) == 0
    site.wait_for(JobState.DONE, jobs)
    assert site.job(jobs[0]).attempts == 1


def test_a_worker_that_cannot_open_its_models_ends(site: Site, broker: Running) -> None:
    site.want("cannot-open")
    with (
        pytest.raises(AssertionError, match="ended with"),
        site.worker(ANALYSIS_QUEUE),
    ):
        pytest.fail("it started")

    assert broker.process.poll() is None
    (log,) = site.home.glob("gpu-*.log")
    assert '"code": "model_package"' in log.read_text()


@pytest.mark.usefixtures("workers")
def test_messages_and_logs_carry_no_identifier_but_the_job_id(site: Site) -> None:
    site.want("hold-analysis")
    content = "1.2.840.99999"
    (first, _) = site.send("first", content)
    site.wait_until_seen("analysing")

    with redis.Redis(port=site.broker_port, decode_responses=True) as broker:
        messages = broker.lrange("gpu", 0, -1) + broker.hvals("unacked")
    site.unwant("hold-analysis")
    site.wait_for(JobState.DONE, [first])

    logs = "".join(path.read_text() for path in site.home.glob("*.log"))
    uid = site.job(first).reference.sop_instance_uid
    assert first in "".join(messages) + logs
    assert all(uid not in text and content not in text for text in [logs, *messages])
