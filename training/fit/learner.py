"""The network, its running average, and the optimiser: what a step changes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from training.fit.network import SegmentationNetwork, build_network
from training.fit.settings import FitSettings

WARM_UP_STEPS = 100
LEAST_RATE = 0.02


@dataclass(slots=True)
class Learner:
    """`teacher` is the averaged network, the one that is kept; `best` the best criterion so far.

    `assistant` is a second network that only serves to teach the first (a mode has one or not).
    """

    network: SegmentationNetwork
    teacher: SegmentationNetwork
    optimiser: torch.optim.Optimizer
    step: int = 0
    best: float | None = None
    assistant: SegmentationNetwork | None = None

    def parameters(self) -> list[nn.Parameter]:
        """Everything that the optimiser moves."""
        own = list(self.network.parameters())
        return own + (list(self.assistant.parameters()) if self.assistant else [])


def new_learner(
    settings: FitSettings,
    device: torch.device,
    start: Path | None = None,
    assistant: SegmentationNetwork | None = None,
) -> Learner:
    """A learner at step 0; `start` is a checkpoint whose averaged network it goes on from.

    Channels that `start` does not have begin anew; the rest of its head is taken by key.
    """
    network = _build(settings)
    if start is not None:
        stored = torch.load(start, weights_only=True, map_location="cpu")
        network.load_state_dict(adapted(stored, settings.keys, network))
    network = network.to(device)
    teacher = _build(settings).to(device)
    teacher.load_state_dict(network.state_dict())
    teacher.requires_grad_(requires_grad=False)
    moved = [network] if assistant is None else [network, assistant.to(device).train()]
    optimiser = torch.optim.AdamW(
        parameter_groups(moved, settings.encoder_rate),
        lr=settings.learning_rate,
        weight_decay=settings.weight_decay,
    )
    return Learner(network.train(), teacher.eval(), optimiser, assistant=assistant)


def parameter_groups(networks: Sequence[nn.Module], encoder_rate: float) -> list[dict[str, Any]]:
    """Everything at factor 1, but encoders at `encoder_rate`: what they know is worth keeping."""
    named = [pair for network in networks for pair in network.named_parameters()]
    encoder = [value for name, value in named if name.startswith("encoder.")]
    others = [value for name, value in named if not name.startswith("encoder.")]
    groups = [{"params": others, "factor": 1.0}, {"params": encoder, "factor": encoder_rate}]
    return [group for group in groups if group["params"]]


def _build(settings: FitSettings) -> SegmentationNetwork:
    return build_network(settings.network, settings.network_settings, len(settings.keys))


def adapted(
    stored: dict[str, Any], keys: tuple[str, ...], network: SegmentationNetwork
) -> dict[str, torch.Tensor]:
    """A checkpoint's averaged weights for another list of channels.

    Raises ValueError where a layer other than the head has another shape: another network.
    """
    given, theirs = stored["teacher"], tuple(stored["keys"])
    pairs = [(keys.index(key), place) for place, key in enumerate(theirs) if key in keys]
    ours, places = ([pair[side] for pair in pairs] for side in (0, 1))
    made = {}
    for name, value in network.state_dict().items():
        rows = name.startswith(network.head_name + ".")
        if name not in given or given[name].shape[rows:] != value.shape[rows:]:
            raise ValueError(f"the checkpoint is of another network: {name} has another shape")
        made[name] = value.clone() if rows else given[name]
        if rows:
            made[name][ours] = given[name][places]
    return made


def rate(step: int, steps: int) -> float:
    """Factor of the learning rate: a short warm-up, then a cosine to a fiftieth."""
    warm = min(1.0, (step + 1) / min(WARM_UP_STEPS, max(1, steps // 10)))
    cosine = 0.5 * (1 + math.cos(math.pi * step / max(1, steps)))
    return warm * (LEAST_RATE + (1 - LEAST_RATE) * cosine)


@torch.no_grad()
def average(learner: Learner, memory: float) -> None:
    """Move the teacher towards the network; faster at first, so that it forgets its beginning.

    Running statistics of BatchNorm are averaged like weights, since the teacher's weights lag as
    they do; counters are copied.
    """
    decay = min(memory, (learner.step + 1) / (learner.step + 10))
    new = learner.network.state_dict()
    for name, kept in learner.teacher.state_dict().items():
        if kept.dtype.is_floating_point:
            kept.lerp_(new[name], 1 - decay)
        else:
            kept.copy_(new[name])
