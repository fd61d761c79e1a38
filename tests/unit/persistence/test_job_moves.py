"""Whatever workers, sweeps and clocks do, a job makes only the moves of the transition table."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from service.domain.analysis import Reason
from service.domain.identifiers import new_job_id
from service.domain.job import TRANSITIONS, JobState, Lease
from service.errors import IllegalTransition, LeaseLost
from service.persistence.jobs import MAXIMUM_ATTEMPTS
from service.persistence.migrations import migrate
from service.persistence.session import Database
from service.persistence.spool import Spool
from tests.fakes import MovableClock, receive

FAILED = Reason("failed", "it failed")
ENDS = sorted(TRANSITIONS[JobState.ANALYSING] - {JobState.QUEUED})


class OneJob(RuleBasedStateMachine):
    """One job, many workers; `leases` holds what each was given, `seen` the job's states."""

    @initialize()
    def receive_one(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        url = f"sqlite:///{self.folder / 'x.db'}"
        migrate(url)
        self.clock = MovableClock()
        self.database = Database(url, clock=self.clock)
        self.job_id = new_job_id()
        with self.database.unit() as unit:
            unit.jobs.add(self.job_id, receive(Spool(self.folder)))
        self.leases: list[Lease] = []
        self.before = (JobState.QUEUED, 0)

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)

    @rule(seconds=st.sampled_from([1, 5, 15, 40, 86_400, -3_600]))
    def time_passes(self, seconds: int) -> None:
        self.clock.move(seconds=seconds)

    @rule()
    def claim(self) -> None:
        with self.database.unit() as unit:
            lease = unit.jobs.claim(self.job_id, "worker", 15)
        if lease is not None:
            assert lease.fence > max((held.fence for held in self.leases), default=0)
            self.leases.append(lease)

    @rule(choice=st.randoms(use_true_random=False), end=st.sampled_from(ENDS))
    def finish(self, choice: object, end: JobState) -> None:
        self._act(choice, lambda jobs, lease: jobs.finish(lease, end, None, None))

    @rule(choice=st.randoms(use_true_random=False))
    def requeue(self, choice: object) -> None:
        self._act(choice, lambda jobs, lease: jobs.requeue(lease, FAILED))

    @rule(choice=st.randoms(use_true_random=False))
    def renew(self, choice: object) -> None:
        self._act(choice, lambda jobs, lease: jobs.renew(lease, 15))

    @rule()
    def revive(self) -> None:
        try:
            with self.database.unit() as unit:
                unit.jobs.revive(self.job_id, JobState.QUEUED)
        except IllegalTransition:
            assert self.before[0] is not JobState.DEAD
        else:
            assert self.before[0] is JobState.DEAD
            self.before = (JobState.DEAD, 0)

    @rule()
    def sweep(self) -> None:
        with self.database.unit() as unit:
            unit.jobs.bury_exhausted(10)
            unit.jobs.stranded(10)
            unit.jobs.end_delivering(self.job_id)

    @invariant()
    def only_allowed_moves(self) -> None:
        if not hasattr(self, "job_id"):
            return
        with self.database.reading() as unit:
            job = unit.jobs.get(self.job_id)
        assert job is not None
        state, attempts = self.before
        taken_over = state is JobState.ANALYSING is job.state and attempts < job.attempts
        assert job.state is state or job.state in TRANSITIONS[state] or taken_over
        assert attempts <= job.attempts <= MAXIMUM_ATTEMPTS
        self.before = (job.state, job.attempts)

    def _act(self, choice: object, act: object) -> None:
        if not self.leases:
            return
        lease = choice.choice(self.leases)  # type: ignore[attr-defined]
        is_stale = lease is not self.leases[-1]
        try:
            with self.database.unit() as unit:
                act(unit.jobs, lease)  # type: ignore[operator]
        except LeaseLost:
            return
        assert not is_stale, "a stale fence was accepted"


OneJob.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestOneJob = pytest.mark.slow(OneJob.TestCase)
