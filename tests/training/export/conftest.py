"""An untrained network of every channel, exported once."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from training.channels import TRAINED_KEYS
from training.export.package import Exported, PackageFacts, export_package
from training.export.quantised import Picture
from training.fit.checkpoint import save_checkpoint
from training.fit.learner import new_learner
from training.fit.settings import FitSettings

SIZE = 64


def pictures(count: int) -> list[Picture]:
    """Noise with known masks: enough to be calibrated and scored on."""
    random = np.random.default_rng(5)
    channels, coarse = len(TRAINED_KEYS), SIZE // 2
    return [
        Picture(
            random.random((1, 1, SIZE, SIZE), np.float32),
            random.random((channels, coarse, coarse)) < 0.5,
            np.ones(channels, np.bool_),
        )
        for _ in range(count)
    ]


FACTS = PackageFacts(
    name="cxr-anatomy-test",
    version="0.0.1",
    size=SIZE,
    gates={"exposure": 0.01},
    trained_on=({"dataset": "noise", "licence": "none", "split": "none", "subjects": 0},),
    metrics={},
    thresholds={},
    pictures=pictures(2),
)


@dataclass(frozen=True)
class Made:
    """The checkpoint and what was exported from it."""

    checkpoint: Path
    exported: Exported

    @property
    def package(self) -> Path:
        return self.exported.folder


def undecided(network: torch.nn.Module) -> None:
    """Let the last layer start at one half: an untrained network would find nothing at all."""
    last = [each for each in network.modules() if isinstance(each, torch.nn.Conv2d)][-1]
    assert last.bias is not None
    torch.nn.init.zeros_(last.bias)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    home = tmp_path_factory.mktemp("export")
    torch.manual_seed(3)
    settings = FitSettings(1, 1, SIZE, TRAINED_KEYS, 1e-3, 1, network_settings={"width": 8})
    state = new_learner(settings, torch.device("cpu"))
    undecided(state.teacher)
    save_checkpoint(state, home / "checkpoint.pt", settings)
    checkpoint = home / "checkpoint.pt"
    return Made(checkpoint, export_package(checkpoint, home / "package", FACTS))
