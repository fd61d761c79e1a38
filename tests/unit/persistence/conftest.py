from pathlib import Path

import pytest

from service.domain.identifiers import JobId, new_job_id
from service.persistence.session import Database
from service.persistence.spool import Spool
from tests.databases import (  # noqa: F401 - fixtures
    clock,
    database,
    database_url,
    migrated_postgresql,
    migrated_sqlite,
    sqlite_url,
)
from tests.fakes import receive


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "home")


@pytest.fixture
def job_id(database: Database, spool: Spool) -> JobId:  # noqa: F811
    """A queued job."""
    added = new_job_id()
    with database.unit() as unit:
        unit.jobs.add(added, receive(spool))
    return added
