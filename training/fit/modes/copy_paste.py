"""`copy-paste`: a box of a labelled picture in an unlabelled one, and the other way round.

Bidirectional Copy-Paste (Bai et al., CVPR 2023): projections are labelled, real films are not, and
pictures made of both keep the network from telling them apart. In the labelled part the target is
the mask, in the other what the averaged network says about the film, its largest piece only.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field
from scipy import ndimage

from training.fit.batches import Batch, Where, by_share
from training.fit.losses import masked_loss
from training.fit.mode import MODES, Mode, Step, target_of, weight_of
from training.fit.network import SegmentationNetwork
from training.fit.own_settings import OwnSettings

UNLABELLED = "unlabelled"


class Settings(OwnSettings):
    """`side`: of the box, as a share of the picture's; `pseudo_weight`: of the teacher's part.

    For `pretrain_steps` both parts are labelled, so that the teacher has something to say.
    """

    side: float = Field(default=2 / 3, gt=0, lt=1)
    pseudo_weight: float = Field(default=0.5, ge=0)
    pretrain_steps: int = Field(default=200, ge=0)


class CopyPaste(Mode):
    """Every second place of the batch is a film without masks; neighbours are put together."""

    needs = (UNLABELLED,)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def pick(self, shares: Mapping[str, float], where: Where, random: np.random.Generator) -> str:
        """A labelled source at even places and in the beginning, else the unlabelled films."""
        if where.place % 2 and where.step >= self._settings.pretrain_steps:
            return UNLABELLED
        labelled = {name: share for name, share in shares.items() if name != UNLABELLED}
        return by_share(labelled, random)

    def check(self, shares: Mapping[str, float]) -> None:
        """Both kinds are needed."""
        super().check(shares)
        if set(shares) == {UNLABELLED}:
            raise ValueError("copy-paste needs a labelled source beside the unlabelled films")

    def loss(self, step: Step) -> torch.Tensor:
        """The masked loss of pictures of two parts, each with its target and weight."""
        batch = step.batch
        if len(batch.strong) % 2:
            raise ValueError("copy-paste puts two pictures together: the batch must be even")
        target, weight = target_of(batch), weight_of(batch).expand_as(batch.counts).clone()
        if step.number >= self._settings.pretrain_steps:
            told = pseudo_masks(step.learner.teacher, batch.weak[1::2])
            target[1::2] = told
            weight[1::2] = self._settings.pseudo_weight
        inside = random_box(batch, self._settings.side, step)
        image = swapped(batch.strong, inside)
        half = inside[..., ::2, ::2]
        return masked_loss(
            step.predict(image), swapped(target, half), swapped(weight, half), step.importance
        )


def random_box(batch: Batch, side: float, step: Step) -> torch.Tensor:
    """Bool (1, 1, size, size): a square at a random place, its borders on even pixels."""
    rows, columns = batch.strong.shape[-2:]
    random = np.random.default_rng([step.seed, step.number, 1])
    high, wide = (2 * round(n * side / 2) for n in (rows, columns))
    top, left = (
        2 * int(random.integers((n - m) // 2 + 1)) for n, m in ((rows, high), (columns, wide))
    )
    inside = torch.zeros(1, 1, rows, columns, dtype=torch.bool, device=batch.strong.device)
    inside[..., top : top + high, left : left + wide] = True
    return inside


def swapped(values: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
    """Neighbours (0 and 1, 2 and 3, ...) with what lies inside the box exchanged."""
    partner = values.unflatten(0, (-1, 2)).flip(1).flatten(0, 1)
    return torch.where(inside, partner, values)


@torch.no_grad()
def pseudo_masks(teacher: SegmentationNetwork, weak: torch.Tensor) -> torch.Tensor:
    """(batch, channels, h / 2, w / 2) zeros and ones: the largest piece of what is found."""
    found = (teacher.coarse(weak).float() > 0).cpu().numpy()
    for masks in found:
        for channel, mask in enumerate(masks):
            if mask.any():
                masks[channel] = largest_piece(mask)
    return torch.from_numpy(found).float().to(weak.device)


def largest_piece(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The largest connected part of a mask (rows, columns) that is not empty."""
    pieces, _ = ndimage.label(mask)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    kept: npt.NDArray[np.bool_] = pieces == sizes.argmax()
    return kept


@MODES.register("copy-paste")
def build(settings: Mapping[str, Any]) -> Mode:
    """Return the mode."""
    return CopyPaste(Settings.of(settings))
