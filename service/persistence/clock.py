"""The one clock that leases and retries go by, and how to compare with it when it jumps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

Clock = Callable[[Session], datetime]

IMPOSSIBLY_FAR = timedelta(minutes=10)
"""No lease and no back-off is this long; a time further ahead was written before a clock went
back, and waiting for it would starve the job."""


def database_time(session: Session) -> datetime:
    """Return the server's time, so that hosts whose clocks differ agree on leases.

    SQLite is a file on this host, so there this host's clock is the database's.
    """
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now


def has_come(column: InstrumentedAttribute[datetime], now: datetime) -> ColumnElement[bool]:
    """Return the condition that the column's time is past, or too far ahead to be true."""
    return or_(column <= now, column > now + IMPOSSIBLY_FAR)
