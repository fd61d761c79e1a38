from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from service.persistence.clock import database_time
from service.persistence.session import make_engine


def test_the_database_tells_the_time_in_utc(database_url: str) -> None:
    engine = make_engine(database_url)

    with Session(engine) as session:
        first, second = database_time(session), database_time(session)

    assert abs(datetime.now(UTC) - first) < timedelta(minutes=1)
    assert first.utcoffset() == timedelta(0)
    assert first < second  # also within one transaction, unlike now()
    engine.dispose()
