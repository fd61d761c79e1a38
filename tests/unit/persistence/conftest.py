import pytest

from service.domain.identifiers import JobId, new_job_id
from service.persistence.session import Database
from service.persistence.spool import Spool
from tests.fakes import receive


@pytest.fixture
def job_id(database: Database, spool: Spool) -> JobId:
    """A queued job."""
    added = new_job_id()
    with database.unit() as unit:
        unit.jobs.add(added, receive(spool))
    return added
