"""Two processes on one machine, as torchrun starts them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.peers import REPOSITORY
from training.fit.checkpoint import LAST

PROGRAM = "tests.training.fit.two_processes"


def _trained(folder: Path, network: str, launcher: list[str]) -> dict[str, torch.Tensor]:
    folder.mkdir()
    command = [sys.executable, *launcher, "-m", PROGRAM, str(folder), network]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    stored = torch.load(folder / LAST, weights_only=True)
    weights: dict[str, torch.Tensor] = stored["network"]
    return weights


TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


@pytest.mark.slow
def test_two_processes_of_two_pictures_are_one_of_four(tmp_path: Path) -> None:
    alone = _trained(tmp_path / "alone", "segresnet", [])
    shared = _trained(tmp_path / "shared", "segresnet", TORCHRUN)
    # Sums in another order differ in the last bits, which Adam's division makes a little larger.
    for key, value in alone.items():
        assert torch.allclose(shared[key], value, atol=1e-4), key
    assert sorted(p.name for p in (tmp_path / "shared").iterdir()) == [
        "checkpoint.pt", "curve.csv", "tensorboard",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_batch_that_cannot_be_shared_is_refused(tmp_path: Path) -> None:
    launcher = [*TORCHRUN[:-1], "3"]
    with pytest.raises(AssertionError, match="cannot be shared by 3 processes"):
        _trained(tmp_path / "odd", "segresnet", launcher)
