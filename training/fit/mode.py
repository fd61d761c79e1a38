"""A mode of training: which sources fill a batch, and what a batch teaches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict

from service.plugins import Registry, load
from training.fit.batches import Batch, by_share
from training.fit.learner import Learner
from training.fit.warp import FULL


class ModeSettings(BaseModel):
    """Settings of one mode; an unknown key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the optimiser as a mode sees it.

    `predict` gives coarse logits of the network that is trained, with gradients.
    """

    learner: Learner
    predict: Callable[[torch.Tensor], torch.Tensor]
    batch: Batch
    number: int
    seed: int


class Mode:
    """Draws by the shares and must say what a batch teaches."""

    def pick(self, shares: Mapping[str, float], place: int, random: np.random.Generator) -> str:
        """Name of the source that fills a place of the batch."""
        del place
        return by_share(shares, random)

    def loss(self, step: Step) -> torch.Tensor:
        """The loss of one step, with gradients."""
        raise NotImplementedError


def target_of(batch: Batch) -> torch.Tensor:
    """Share of each 2 x 2 block that a mask covers: (batch, channels, h / 2, w / 2), 0..1."""
    return batch.counts.float() / FULL


def weight_of(batch: Batch) -> torch.Tensor:
    """(batch, channels, 1, 1): one where a channel is known."""
    return batch.known[:, :, None, None]


MODES: Registry[Callable[[Mapping[str, Any]], Mode]] = Registry("mode of training")


def build_mode(name: str, settings: Mapping[str, Any]) -> Mode:
    """Return a mode; raises UnknownPlugin, or pydantic's ValidationError for its settings."""
    from training.fit import modes

    load(modes)
    return MODES.get(name)(settings)
