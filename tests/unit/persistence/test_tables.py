from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from service.domain.identifiers import new_job_id
from service.persistence.session import Database
from service.persistence.spool import Spool
from tests.fakes import receive

MOMENT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))


def test_times_come_back_in_utc_to_the_microsecond(database: Database, spool: Spool) -> None:
    added = new_job_id()

    with database.unit() as unit:
        unit.jobs.add(added, receive(spool, received_at=MOMENT))

    with database.reading() as unit:
        job = unit.jobs.get(added)
    assert job is not None
    assert job.received_at == MOMENT
    assert job.received_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(database: Database, spool: Spool) -> None:
    def add() -> None:
        with database.unit() as unit:
            unit.jobs.add(new_job_id(), receive(spool, received_at=MOMENT.replace(tzinfo=None)))

    with pytest.raises(StatementError, match="time zone"):
        add()
