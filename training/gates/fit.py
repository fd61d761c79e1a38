"""Train the network on storings that were made, so that no label is needed but the view."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from tqdm import tqdm

from training.gates.network import Stored
from training.gates.pictures import Example, random_example

LEARNING_RATE = 2e-3
WEIGHT_DECAY = 0.02
AVERAGED = 0.995
PER_STEP = (8, 3, 5)
"""How many films, frontal projections and lateral projections a step has."""

Picture = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sources:
    """Upright, positive pictures, float32 (rows, columns), bright = dense."""

    films: Sequence[Picture]
    frontals: Sequence[Picture]
    laterals: Sequence[Picture]


def fit(sources: Sources, steps: int, seed: int) -> Stored:
    """Return the averaged network after `steps` steps."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    network = Stored()
    averaged = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGED), use_buffers=True
    )
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
    progress = tqdm(range(steps), unit="step", mininterval=10)
    for _ in progress:
        found = loss(network, _batch(sources, random))
        optimiser.zero_grad()
        found.backward()
        optimiser.step()
        schedule.step()
        averaged.update_parameters(network)
        progress.set_postfix(loss=f"{found.item():.3f}", refresh=False)
    stored = averaged.module
    if not isinstance(stored, Stored):
        raise TypeError("the averaged network is another one")
    return stored.eval()


def loss(network: nn.Module, examples: Sequence[Example]) -> torch.Tensor:
    """Mean negative log-probability of the right way; a lateral's mirror image counts as right."""
    scores = network(torch.stack([example.image for example in examples]))
    logs = torch.log_softmax(scores.flatten(1), 1).reshape(scores.shape)
    return -torch.stack([_right(log, e) for log, e in zip(logs, examples, strict=True)]).mean()


def _right(log: torch.Tensor, example: Example) -> torch.Tensor:
    if example.is_lateral:
        # A lateral is hung either way round: mirrored and as hung look alike and are both right.
        return torch.logsumexp(log[1, example.inverted, :, example.turned], 0)
    return log[0, example.inverted, example.mirrored, example.turned]


def _batch(sources: Sources, random: np.random.Generator) -> list[Example]:
    kinds = zip((sources.films, sources.frontals, sources.laterals), PER_STEP, strict=True)
    return [
        random_example(pictures[int(random.integers(len(pictures)))], random, is_lateral=lateral)
        for lateral, (pictures, count) in zip((False, False, True), kinds, strict=True)
        for _ in range(count)
    ]
