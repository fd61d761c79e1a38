"""Scores on pictures that are not trained on, and the criterion by which a checkpoint is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from training.channels import EXPERT_KEYS, trained_index
from training.fit.augment import Augmented, plain
from training.fit.batches import SampleSource
from training.fit.network import SegmentationNetwork
from training.fit.warp import FULL


@dataclass(frozen=True, slots=True)
class Held:
    """Pictures kept for validation, rendered without anything random."""

    pictures: Sequence[Augmented]
    keys: tuple[str, ...]


def held(sources: Sequence[SampleSource], keys: tuple[str, ...], size: int, most: int) -> Held:
    """At most `most` pictures of each source, evenly spread over it."""
    places = np.array([trained_index(key) for key in keys])
    pictures = []
    for source in sources:
        count = min(most, len(source))
        chosen = np.linspace(0, len(source) - 1, count).round().astype(int)
        pictures += [plain(source[int(index)], size, places) for index in chosen]
    return Held(pictures, keys)


@torch.no_grad()
def intersections(network: SegmentationNetwork, kept: Held, device: torch.device) -> torch.Tensor:
    """(2, channels) at half resolution: pixels in both masks and in either, where known."""
    total = torch.zeros(2, len(kept.keys))
    for picture in kept.pictures:
        found = network.coarse(picture.strong[None].to(device))[0].float().cpu() > 0
        truth = picture.counts.permute(2, 0, 1) >= FULL / 2
        known = picture.known.float()
        total[0] += (found & truth).sum((1, 2)) * known
        total[1] += (found | truth).sum((1, 2)) * known
    return total


def scores(network: SegmentationNetwork, kept: Held, device: torch.device) -> dict[str, float]:
    """IoU for each channel over all pictures together; channels seen nowhere are left out."""
    both, either = intersections(network, kept, device)
    return {
        key: float(both[place] / either[place])
        for place, key in enumerate(kept.keys)
        if either[place] > 0
    }


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


CRITERIA: Mapping[str, Callable[[Mapping[str, float]], float]] = {
    "mean_iou": lambda found: _mean(list(found.values())),
    "expert_iou": lambda found: _mean([found[key] for key in EXPERT_KEYS if key in found]),
}
"""What may decide between checkpoints; the larger the better."""
