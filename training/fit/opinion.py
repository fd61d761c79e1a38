"""What a network says about channels that nobody drew on a real film."""

import torch
from torch.nn import functional

from training.fit.batches import Batch
from training.fit.network import SegmentationNetwork

WEIGHT = 0.4
"""What an opinion counts beside a drawn mask, which counts one."""
PRESENT, SURELY_PRESENT, SURELY_ABSENT = 0.5, 0.8, 0.1
"""Probabilities: a mask begins at the first, beyond the others the teacher is believed."""


@torch.no_grad()
def with_lessons(
    tutor: SegmentationNetwork,
    batch: Batch,
    target: torch.Tensor,
    weight: torch.Tensor,
    size: int | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Fill unknown channels of real films with a finished network's probabilities, all of them.

    A teacher that is the average of what it teaches forgets, step by step, what it is not sure of:
    single ribs and vertebrae went from films within 600 steps. A tutor that stays as it is cannot.
    size: the side of the pictures that the tutor learnt from; on larger ones it sees less of what
    is around, and takes an arm for lung.
    """
    films = torch.nonzero(batch.is_film).flatten()
    if not len(films):
        return target, weight
    told = _told(tutor, batch.weak[films], size)
    return _filled(films, told, torch.full_like(told[..., :1, :1], WEIGHT), target, weight)


def _told(tutor: SegmentationNetwork, shown: torch.Tensor, size: int | None) -> torch.Tensor:
    """Probabilities on the grid of the pictures shown, whatever size the tutor sees them in."""
    if size is None or size == shown.shape[-1]:
        return tutor.coarse(shown).float().sigmoid()
    seen = functional.interpolate(shown, size=(size, size), mode="bilinear", antialias=True)
    told = tutor.coarse(seen).float().sigmoid()
    grid = [side * told.shape[-1] // size for side in shown.shape[2:]]
    return functional.interpolate(told, size=grid, mode="bilinear")


@torch.no_grad()
def with_opinions(
    teacher: SegmentationNetwork,
    batch: Batch,
    target: torch.Tensor,
    weight: torch.Tensor,
    surely_absent: float = SURELY_ABSENT,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Fill unknown channels of real films with the teacher's opinion where it is sure of it.

    target, weight: as `masked_loss` takes them. The teacher sees the picture without faults.
    """
    films = torch.nonzero(batch.is_film).flatten()
    if not len(films):
        return target, weight
    opinion = teacher.coarse(batch.weak[films]).float().sigmoid()
    sure = ((opinion > SURELY_PRESENT) | (opinion < surely_absent)).float() * WEIGHT
    return _filled(films, (opinion > PRESENT).float(), sure, target, weight)


def _filled(
    films: torch.Tensor,
    said: torch.Tensor,
    belief: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Target and weight with what is `said` where nothing is known on `films` (indices).

    said: (films, channels, rows, columns) 0..1; belief: its weight, the same or (films, channels,
    1, 1).
    """
    weight = weight.expand(*target.shape[:2], *belief.shape[2:]).clone()
    target = target.clone()
    unknown = (weight[films] == 0).float()
    target[films] = target[films] * (1 - unknown) + said * unknown
    weight[films] = weight[films] + belief * unknown
    return target, weight
