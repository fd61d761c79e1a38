from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from service.bootstrap import Services, build_services
from service.cli import app
from service.commands.reanalyse import current_weights, reanalyse_all, reanalyse_jobs
from service.domain.identifiers import JobId, new_job_id
from service.domain.job import JobState
from service.domain.model import ModelIdentity
from service.inference.packages import find_packages
from service.persistence.migrations import migrate
from service.settings import Settings
from tests.fakes import receive
from tests.peers import REPOSITORY


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    home.mkdir()
    nowhere = "redis://127.0.0.1:1/0"
    chosen = Settings(home=home, broker_url=nowhere, models=REPOSITORY / "models", reserve_mb=0)
    migrate(chosen.effective_database_url)
    return chosen


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    opened = build_services(settings)
    yield opened
    opened.database.close()


@pytest.fixture
def done(services: Services) -> JobId:
    """A job that ended under weights that no package holds."""
    job_id = services.intake.accept(receive(services.spool)).job_id
    with services.database.unit() as unit:
        lease = unit.jobs.claim(job_id, "test", 15.0)
        assert lease is not None
        unit.jobs.finish(lease, JobState.DONE, None, ModelIdentity("old", "0.0.1", "ab" * 32))
    return job_id


def states(services: Services) -> list[str]:
    with services.database.reading() as unit:
        return [job.state for job in unit.jobs.page(None, 10, None)]


def test_each_job_gets_a_new_one_and_a_wrong_id_is_said(
    settings: Settings, services: Services, done: JobId
) -> None:
    unknown, printed = new_job_id(), StringIO()

    status = reanalyse_jobs([done, unknown], settings, Console(file=printed, width=200))

    first, second = printed.getvalue().splitlines()
    assert status == 1
    assert (first[:32], first[-6:]) == (done, "queued")
    assert second == f"{unknown}  there is no job with this id"
    assert sorted(states(services)) == ["done", "queued"]


def test_all_means_what_models_of_today_have_not_seen(
    settings: Settings, services: Services, done: JobId
) -> None:
    printed = StringIO()

    assert reanalyse_all(settings, Console(file=printed)) == 0
    assert reanalyse_all(settings, Console(file=printed)) == 0

    lines = printed.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["1", "0"]
    assert sorted(states(services)) == ["done", "queued"]
    assert done


def test_models_of_today_are_the_newest_of_each_view() -> None:
    packages = find_packages(REPOSITORY / "models")

    assert current_weights(packages) <= {each.weights.sha256 for each in packages}
    assert current_weights(packages)


@pytest.mark.parametrize("arguments", [[], ["--all", "0" * 32]])
def test_either_jobs_or_all_are_named(arguments: list[str]) -> None:
    ran = CliRunner().invoke(app, ["reanalyse", *arguments])

    assert ran.exit_code == 2
