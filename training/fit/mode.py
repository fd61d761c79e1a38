"""A mode of training: which sources fill a batch, and what a batch teaches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from service.plugins import Registry, load
from training.fit.batches import Batch, Where, by_share
from training.fit.learner import Learner
from training.fit.network import SegmentationNetwork
from training.fit.warp import FULL
from training.misspelt import check_names


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the optimiser as a mode sees it.

    `predict` gives coarse logits of the network that is trained, with gradients, `assist` those of
    the mode's assistant. `importance` (channels,) is how much a channel counts in the loss.
    """

    learner: Learner
    predict: Callable[[torch.Tensor], torch.Tensor]
    assist: Callable[[torch.Tensor], torch.Tensor] | None
    batch: Batch
    number: int
    seed: int
    importance: torch.Tensor | None = None


class Mode:
    """Draws by the shares and must say what a batch teaches."""

    needs: tuple[str, ...] = ()
    """Sources without which the mode makes no sense."""

    def pick(self, shares: Mapping[str, float], where: Where, random: np.random.Generator) -> str:
        """Name of the source that fills a place of the batch."""
        del where
        return by_share(shares, random)

    def assistant(self, channels: int) -> SegmentationNetwork | None:
        """A second network that is trained beside the first, where the mode has one."""
        del channels
        return None

    def check(self, shares: Mapping[str, float]) -> None:
        """Raise ValueError where a source that the mode needs is not given."""
        missing = [name for name in self.needs if not shares.get(name)]
        if missing or not any(shares.values()):
            given = ", ".join(sorted(shares)) or "nothing"
            wanted = ", ".join(missing) or "any source"
            raise ValueError(f"this mode of training needs {wanted}; given: {given}")

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
    """Return a mode; raises ExperimentError for an unknown name or setting."""
    from training.fit import modes

    load(modes)
    check_names([name], MODES.names(), "mode")
    return MODES.get(name)(settings)
