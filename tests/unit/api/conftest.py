"""The API over a real socket, database and spool, and a queue that remembers what was rung."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from shutil import copyfile

import pytest
from fastapi import FastAPI
from httpx import Client

from service.api.app import create_app
from service.bootstrap import Services
from service.domain.identifiers import JobId
from service.errors import OutOfResources
from service.intake import Intake
from service.persistence.migrations import migrate
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.settings import Settings
from tests.logs import logging_to
from tests.unit.api.instances import part10
from tests.unit.api.serving import serving

MEGABYTE = 1024 * 1024


class RememberingQueue:
    """A queue that anybody can look into, and that can be taken away."""

    def __init__(self) -> None:
        self.analyses: list[JobId] = []
        self.deliveries: list[JobId] = []
        self.is_away = False

    def ring_analysis(self, job_id: JobId) -> None:
        self._answer()
        self.analyses.append(job_id)

    def ring_delivery(self, job_id: JobId) -> None:
        self._answer()
        self.deliveries.append(job_id)

    def waiting_analyses(self) -> int:
        self._answer()
        return len(self.analyses)

    def waiting_deliveries(self) -> int:
        self._answer()
        return len(self.deliveries)

    def _answer(self) -> None:
        if self.is_away:
            raise OutOfResources("the broker does not answer", code="broker_unavailable")


@pytest.fixture(autouse=True)
def log() -> Iterator[StringIO]:
    """What the service logs, in the way in which it always logs."""
    with logging_to(StringIO()) as log:
        yield log


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database without rows, to be copied."""
    path = tmp_path_factory.mktemp("database") / "thorax.db"
    migrate(f"sqlite:///{path}")
    return path


def services_of(settings: Settings, empty_database: Path) -> Services:
    """Return real parts over the settings' folder."""
    settings.home.mkdir(parents=True)
    copyfile(empty_database, settings.home / "thorax.db")
    database, spool = Database(settings.effective_database_url), Spool(settings.home)
    queue = RememberingQueue()
    intake = Intake(database, spool, queue, settings.reserve_mb * MEGABYTE)
    return Services(settings, database, spool, queue, intake)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", reserve_mb=0, models=tmp_path / "models")


@pytest.fixture
def services(settings: Settings, empty_database: Path) -> Iterator[Services]:
    services = services_of(settings, empty_database)
    yield services
    services.database.close()


@pytest.fixture
def queue(services: Services) -> RememberingQueue:
    assert isinstance(services.queue, RememberingQueue)
    return services.queue


@pytest.fixture
def app(services: Services) -> FastAPI:
    return create_app(services)


@pytest.fixture
def client(app: FastAPI, settings: Settings) -> Iterator[Client]:
    with serving(app, settings) as port, Client(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


@pytest.fixture
def job_id(client: Client) -> JobId:
    """The job of one accepted radiograph."""
    headers = {"Content-Type": "application/dicom"}
    answer = client.post("/api/v1/instances", content=part10(), headers=headers)
    return JobId(answer.json()["job_id"])


@pytest.fixture
def results(services: Services, job_id: JobId) -> Path:
    """The folder of that job's results."""
    folder = services.spool.result_folder(job_id)
    folder.mkdir()
    return folder
