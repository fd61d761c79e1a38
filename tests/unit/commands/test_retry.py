from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from service.bootstrap import build_services
from service.commands.retry import retry_jobs
from service.domain.analysis import Reason
from service.domain.identifiers import JobId, new_job_id
from service.domain.job import JobState
from service.persistence.migrations import migrate
from service.settings import Settings
from tests.fakes import receive


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    home.mkdir()
    chosen = Settings(home=home, broker_url="redis://127.0.0.1:1/0", reserve_mb=0)
    migrate(chosen.effective_database_url)
    return chosen


@pytest.fixture
def dead(settings: Settings) -> JobId:
    services = build_services(settings)
    job_id = services.intake.accept(receive(services.spool)).job_id
    with services.database.unit() as unit:
        lease = unit.jobs.claim(job_id, "test", 15.0)
        assert lease is not None
        unit.jobs.finish(lease, JobState.DEAD, Reason("internal_error", "a bug"), None)
    services.database.close()
    return job_id


def test_each_job_is_told_of_and_one_that_cannot_be_retried_fails_the_command(
    settings: Settings, dead: JobId
) -> None:
    unknown, printed = new_job_id(), StringIO()

    first = retry_jobs([dead], settings, Console(file=printed, width=200))
    second = retry_jobs([dead, unknown], settings, Console(file=printed, width=200))

    assert (first, second) == (0, 1)
    assert printed.getvalue().splitlines() == [
        f"{dead}  queued",
        f"{dead}  the job is not dead, so there is nothing to retry",
        f"{unknown}  there is no job with this id",
    ]
