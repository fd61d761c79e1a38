"""`thorax demo` shows the whole line on the sample radiographs and leaves nothing running."""

import re
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pydicom
import pytest

from tests.e2e.thorax_up import COMMAND
from tests.peers import REPOSITORY, require

pytestmark = [pytest.mark.peer, pytest.mark.slow, pytest.mark.timeout(300)]

MARK = "THORAX_TEST_MARK"
SAMPLES = sorted((REPOSITORY / "samples").glob("*.dcm"))
OBJECTS_PER_FILM = 3


@dataclass(frozen=True, slots=True)
class Demo:
    """What it printed and left in its folder; all its processes carry the mark."""

    status: int
    output: str
    errors: str
    folder: Path
    mark: str

    def rows(self) -> list[list[str]]:
        """Return the cells of the table's rows, one row for each film."""
        lines = [line for line in self.output.splitlines() if line.startswith("│")]
        return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, run as a newcomer would: in a folder of its own, with no settings."""
    require("redis")
    mark, folder = uuid.uuid4().hex, tmp_path_factory.mktemp("demo")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "COLUMNS": "200", MARK: mark}
    done = subprocess.run(
        [COMMAND, "demo"],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        timeout=240,
    )
    return Demo(done.returncode, done.stdout, done.stderr, folder, mark)


def test_it_succeeds(demo: Demo) -> None:
    assert demo.status == 0, demo.output + demo.errors


def test_every_sample_is_done_with_all_its_objects_delivered(demo: Demo) -> None:
    ends = [(row[1], row[4]) for row in demo.rows()]

    assert ends == [("done", str(OBJECTS_PER_FILM))] * len(SAMPLES), demo.output


def test_every_sample_has_a_cardiothoracic_ratio(demo: Demo) -> None:
    ratios = [re.search(r"\b0\.\d+", row[3]) for row in demo.rows()]

    assert ratios
    assert all(ratios), demo.output


def test_the_overlay_pictures_lie_where_it_says(demo: Demo) -> None:
    words = demo.output.split()
    named = [demo.folder / word for word in words if word.endswith("overlay.png")]

    assert len(named) == len(SAMPLES)
    assert all(path.is_file() for path in named)


def test_the_objects_that_came_back_are_dicom(demo: Demo) -> None:
    (folder,) = re.findall(r"objects received\s+(\S+)", demo.output)
    received = [path for path in (demo.folder / folder).rglob("*") if path.is_file()]

    modalities = sorted(pydicom.dcmread(path).Modality for path in received)

    assert modalities == sorted(["OT", "SEG", "SR"] * len(SAMPLES))


def test_nothing_is_left_running(demo: Demo) -> None:
    assert not list(processes_with(demo.mark))


def processes_with(mark: str) -> Iterator[psutil.Process]:
    """Yield the processes that have the mark in their environment."""
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark:
                yield process
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
