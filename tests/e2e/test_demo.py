"""`thorax demo` shows the whole line on the sample radiographs and leaves nothing running."""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e.thorax_up import COMMAND
from tests.peers import REPOSITORY, require

pytestmark = [pytest.mark.peer, pytest.mark.slow, pytest.mark.timeout(300)]

MARK = "THORAX_TEST_MARK"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], str]:
    """The demo's output, and the mark that all its processes inherit."""
    require("redis")
    mark = uuid.uuid4().hex
    folder = tmp_path_factory.mktemp("demo")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "COLUMNS": "200", MARK: mark}
    done = subprocess.run(
        [COMMAND, "demo"],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**environment, "THORAX_HOME": str(folder / "state")},
        timeout=240,
    )
    return done, mark


def test_the_demo_succeeds(demo: tuple[subprocess.CompletedProcess[str], str]) -> None:
    assert demo[0].returncode == 0, demo[0].stdout + demo[0].stderr


@pytest.mark.parametrize(
    "sample", sorted((REPOSITORY / "samples").glob("*.dcm")), ids=lambda path: path.stem
)
def test_every_sample_has_a_row_in_the_table(
    demo: tuple[subprocess.CompletedProcess[str], str], sample: Path
) -> None:
    assert sample.stem in demo[0].stdout


def test_the_overlay_picture_lies_where_the_demo_says(
    demo: tuple[subprocess.CompletedProcess[str], str],
) -> None:
    named = [Path(word) for word in demo[0].stdout.split() if word.endswith("overlay.png")]

    assert named
    assert all(path.is_file() for path in named)


def test_nothing_is_left_running(demo: tuple[subprocess.CompletedProcess[str], str]) -> None:
    assert not list(processes_with(demo[1]))


def processes_with(mark: str) -> Iterator[psutil.Process]:
    """Yield the processes that have the mark in their environment."""
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                yield process
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
