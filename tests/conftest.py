"""Fixtures that every test may use, and the rule that continuous integration skips nothing."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.peers import require
from tests.processes import free_port as _free_port
from tests.servers import Orthanc, orthanc_server, postgresql_server, redis_server

pytest_plugins = ["pytester"]
_NO_SKIPS = os.environ.get("THORAX_NO_SKIPS") == "1"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the one marker that may still skip where nothing else may."""
    config.addinivalue_line(
        "markers", "platform_specific: may be skipped on another platform even in CI"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure under THORAX_NO_SKIPS=1: there everything is installed."""
    report = yield
    may_skip = item.get_closest_marker("platform_specific") is not None
    if _NO_SKIPS and report.skipped and not hasattr(report, "wasxfail") and not may_skip:
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data (`THORAX_SHARED`, by default `../shared`); skips without it."""
    return require("shared")


@pytest.fixture
def free_port() -> int:
    """A TCP port that nothing listens on."""
    return _free_port()


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """An empty real Redis."""
    with redis_server(tmp_path) as url:
        yield url


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """A fresh, empty PostgreSQL database."""
    with postgresql_server() as url:
        yield url


@pytest.fixture
def orthanc(tmp_path: Path) -> Iterator[Orthanc]:
    """An empty real Orthanc."""
    folder = tmp_path / "orthanc"
    folder.mkdir()
    with orthanc_server(folder) as server:
        yield server
