"""What a phase leaves behind: enough to go on bit for bit, and to know what its outputs mean."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from training.durable import whole_file
from training.fit.learner import Learner
from training.fit.network import SegmentationNetwork, build_network
from training.fit.settings import FitSettings

LAST, BEST = "checkpoint.pt", "best.pt"


def save_checkpoint(learner: Learner, path: Path, settings: FitSettings) -> None:
    """Write the checkpoint, whole or not at all."""
    content: dict[str, Any] = {
        "network": learner.network.state_dict(),
        "teacher": learner.teacher.state_dict(),
        "optimiser": learner.optimiser.state_dict(),
        "step": learner.step,
        "best": learner.best,
        "name": settings.network,
        "settings": dict(settings.network_settings),
        "keys": list(settings.keys),
        "assistant": learner.assistant.state_dict() if learner.assistant else None,
    }
    with whole_file(path) as temporary:
        torch.save(content, temporary)


def restore(learner: Learner, path: Path, device: torch.device) -> None:
    """Continue where the checkpoint was written."""
    stored = torch.load(path, weights_only=True, map_location=device)
    learner.network.load_state_dict(stored["network"])
    learner.teacher.load_state_dict(stored["teacher"])
    learner.optimiser.load_state_dict(stored["optimiser"])
    if learner.assistant is not None:
        learner.assistant.load_state_dict(stored["assistant"])
    learner.step, learner.best = int(stored["step"]), stored["best"]


@dataclass(frozen=True, slots=True)
class Trained:
    """A checkpoint's averaged network, ready to predict, and the keys of its channels."""

    network: SegmentationNetwork
    keys: tuple[str, ...]


def load_trained(path: Path) -> Trained:
    """Read the averaged network of a checkpoint, on the CPU."""
    stored = torch.load(path, weights_only=True, map_location="cpu")
    keys = tuple(stored["keys"])
    network = build_network(stored["name"], stored["settings"], len(keys))
    network.load_state_dict(stored["teacher"])
    return Trained(network.eval(), keys)


def load_teacher(path: Path) -> SegmentationNetwork:
    """The averaged network of a checkpoint, ready to predict."""
    return load_trained(path).network


def checkpoint_keys(path: Path) -> tuple[str, ...]:
    """The channels of a checkpoint's network, in order."""
    return tuple(torch.load(path, weights_only=True, map_location="cpu")["keys"])
