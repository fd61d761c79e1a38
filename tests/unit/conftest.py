"""Fixtures of tests that need a database, of which there are two kinds (tests/databases.py)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.persistence.spool import Spool
from tests.databases import (
    clock,
    database,
    database_url,
    migrated_postgresql,
    migrated_sqlite,
    sqlite_url,
)

__all__ = [
    "clock",
    "database",
    "database_url",
    "migrated_postgresql",
    "migrated_sqlite",
    "sqlite_url",
]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """An empty spool below `tmp_path / "home"`."""
    opened = Spool(tmp_path / "home")
    yield opened
    opened.close()
