"""A local Ray of two processes makes what the serial run makes, also when one of them is killed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from training.durable import whole_file
from training.executors import open_executor
from training.executors.on_ray import LOST, MISSING, OnRay
from training.failure import DiskFull
from training.stage import Stage

ray = pytest.importorskip("ray", reason=MISSING)
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module", autouse=True)
def _two_cores() -> Iterator[None]:
    """One Ray for the module: starting it takes seconds."""
    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


def run(folder: Path, make: Any, executor: Any = None) -> Stage:  # noqa: ANN401
    stage = Stage.open(folder, "label", {}, {})
    stage.each("abcd", make, executor or OnRay())
    return stage


def test_what_is_made_and_what_fails_is_the_same_as_in_the_serial_run(tmp_path: Path) -> None:
    def maker(folder: Path) -> Any:  # noqa: ANN401
        def make(name: str) -> dict[str, Any]:
            if name == "c":
                raise ValueError("no lungs")
            with whole_file(folder / name) as temporary:
                temporary.write_text(name * 3)
            return {"length": 3}

        return make

    homes = {"ray": tmp_path / "one", "serial": tmp_path / "two"}
    stages = {name: run(home, maker(home), open_executor(name)) for name, home in homes.items()}

    assert stages["ray"].items == stages["serial"].items
    assert set(stages["ray"].failed) == {"c"}
    assert stages["ray"].failed["c"]["reason"] == stages["serial"].failed["c"]["reason"]
    for name in "abd":
        assert {(home / name).read_text() for home in homes.values()} == {name * 3}


def test_finished_items_are_not_made_again(tmp_path: Path) -> None:
    def make(name: str) -> dict[str, Any]:
        with (tmp_path / "calls").open("a") as file:
            file.write(name)
        return {}

    for _ in range(2):
        run(tmp_path, make)

    assert sorted((tmp_path / "calls").read_text()) == list("abcd")


def test_a_task_that_is_killed_once_is_run_again(tmp_path: Path) -> None:
    def make(name: str) -> dict[str, Any]:
        marker = tmp_path / f"{name}.killed"
        if name == "b" and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return {}

    stage = run(tmp_path, make)

    assert set(stage.items) == set("abcd")
    assert (tmp_path / "b.killed").exists()


def test_a_task_that_is_killed_every_time_fails_and_the_rest_is_made(tmp_path: Path) -> None:
    def make(name: str) -> dict[str, Any]:
        if name == "b":
            os.kill(os.getpid(), signal.SIGKILL)
        return {}

    stage = run(tmp_path, make)

    assert set(stage.items) == set("acd")
    assert stage.failed["b"]["message"] == LOST


def test_a_full_disk_stops_the_stage(tmp_path: Path) -> None:
    def make(_: str) -> dict[str, Any]:
        with Path("/dev/full").open("wb", buffering=0) as file:
            file.write(b"x")
        return {}

    with pytest.raises(DiskFull):
        run(tmp_path, make)
