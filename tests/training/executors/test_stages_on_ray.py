"""`label` and `project` of a phantom on a local Ray are what they are in this process."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from training.executors.on_ray import MISSING, OnRay
from training.executors.port import Executor
from training.executors.serial import Serial
from training.ingest.volume import Volume
from training.label.stage import Labelling, label
from training.project.stage import Plan, project_views
from training.stage import Stage

ray = pytest.importorskip("ray", reason=MISSING)
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning")
NAMES = ("one", "two")


@pytest.fixture(scope="module", autouse=True)
def _two_cores() -> Iterator[None]:
    """One Ray for the module: starting it takes seconds."""
    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.fixture
def ingested(tmp_path: Path, phantom: Volume) -> Path:
    """Two volumes with a chest, and one with air alone."""
    folder = tmp_path / "ingest"

    def make(name: str) -> dict[str, str]:
        hu = phantom.hu if name in NAMES else np.full_like(phantom.hu, -1000)
        Volume(hu, phantom.spacing_mm).save(folder / f"{name}.npz")
        return {"licence": "none needed"}

    Stage.open(folder, "ingest", {}, {}).each((*NAMES, "air"), make)
    return folder


def run(ingested: Path, work: Path, executor: Executor) -> tuple[Stage, Stage]:
    labelled = label(ingested, work / "label", Labelling(), executor)
    plan = Plan(views=2, lateral_views=1, size=48, step_mm=6.0, seed=1)
    views = project_views(ingested, work / "label", work / "project", plan, (), executor)
    return labelled, views


def test_results_and_failures_are_those_of_the_serial_run(ingested: Path, tmp_path: Path) -> None:
    here = run(ingested, tmp_path / "here", Serial())
    there = run(ingested, tmp_path / "there", OnRay())

    for serial, distributed in zip(here, there, strict=True):
        assert serial.items == distributed.items
        for name in NAMES:
            assert_same_arrays(serial.folder / f"{name}.npz", distributed.folder / f"{name}.npz")
    assert here[0].failed == there[0].failed
    refused = {name for name, item in here[0].items.items() if "failed" in item}
    assert {*here[0].failed, *refused} == {"air"}


def assert_same_arrays(one: Path, two: Path) -> None:
    with np.load(one) as first, np.load(two) as second:
        assert first.files == second.files
        for name in first.files:
            np.testing.assert_array_equal(first[name], second[name])
