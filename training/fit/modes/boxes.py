"""`boxes`: films of which only boxes are known teach through a network that sees one box at a time.

Teacher and student (after Sun et al. 2020, arXiv 2012.12932): the assistant learns masks from crops
(box and margin) of pictures that have masks. On a film with boxes it fills each box; the student,
which sees the whole film and no box, learns that, and that outside a box there is none of it.
A source of boxes gives them as filled rectangles (`training.fit.boxed`).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from pydantic import Field

from training.fit.batches import Batch, Where, by_share
from training.fit.crops import box_of, cropped, inside, put_back, widened
from training.fit.losses import masked_loss
from training.fit.mode import MODES, Mode, Step, target_of, weight_of
from training.fit.network import SegmentationNetwork, build_network
from training.fit.own_settings import OwnSettings
from training.fit.warp import FULL

BOXES = "boxes"
SURELY_PRESENT, SURELY_ABSENT = 0.7, 0.3


class Settings(OwnSettings):
    """`margin`: around a box, as a share of its side; `side`: of a crop in pixels.

    `crops`: boxes looked at per picture and step; `boxes_from_step`: when the assistant knows
    enough to teach; `weight`: of what it says inside a box; `width`: of the assistant.
    """

    margin: float = Field(default=0.15, ge=0)
    side: int = Field(default=96, gt=0, multiple_of=16)
    crops: int = Field(default=4, gt=0)
    boxes_from_step: int = Field(default=300, ge=0)
    weight: float = Field(default=0.5, ge=0)
    width: int = Field(default=16, gt=0, multiple_of=8)


class Boxes(Mode):
    """Every second place of the batch is a film with boxes."""

    needs = (BOXES,)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def pick(self, shares: Mapping[str, float], where: Where, random: np.random.Generator) -> str:
        """A source of masks at even places, boxes at odd ones."""
        exact = {name: share for name, share in shares.items() if name != BOXES}
        return BOXES if where.place % 2 else by_share(exact, random)

    def check(self, shares: Mapping[str, float]) -> None:
        """Masks are needed too."""
        super().check(shares)
        if set(shares) == {BOXES}:
            raise ValueError("the mode boxes needs a source of masks beside that of boxes")

    def assistant(self, channels: int) -> SegmentationNetwork:
        """A small network that sees one crop."""
        return build_network("segresnet", {"width": self._settings.width}, channels)

    def loss(self, step: Step) -> torch.Tensor:
        """The student's loss on whole pictures and the assistant's on crops of those with masks."""
        if step.assist is None or step.learner.assistant is None:
            raise TypeError("the mode boxes was begun without its assistant")
        random = np.random.default_rng([step.seed, step.number, 2])
        boxed = [name == BOXES for name in step.batch.source]
        exact = chosen(step.batch, [not each for each in boxed], self._settings.crops, random)
        target, weight = target_of(step.batch), weight_of(step.batch).expand_as(step.batch.counts)
        weight = weight.clone()
        weight[boxed] = 0
        if step.number >= self._settings.boxes_from_step:
            given = chosen(step.batch, boxed, self._settings.crops, random)
            self._fill(step.learner.assistant, step.batch, given, (target, weight))
        taught = masked_loss(step.predict(step.batch.strong), target, weight, step.importance)
        return taught + self._assistants(step, exact)

    def _assistants(self, step: Step, places: list[tuple[int, int]]) -> torch.Tensor:
        """The assistant's loss: of each crop only the structure that its box is around."""
        images, boxes = self._looked_at(step.batch, places)
        side = self._settings.side
        assist = step.assist
        if assist is None:
            raise TypeError("the mode boxes was begun without its assistant")
        crops = images.new_zeros(1, 1, side, side) if not places else cropped(images, boxes, side)
        logits = assist(crops)
        target, weight = torch.zeros_like(logits), torch.zeros_like(logits)
        for row, (picture, channel) in enumerate(places):
            mask = target_of(step.batch)[picture, channel][None, None]
            target[row, channel] = cropped(mask, boxes[row : row + 1], side // 2)[0, 0]
            weight[row, channel] = 1
        return masked_loss(logits, target, weight)

    @torch.no_grad()
    def _fill(
        self,
        assistant: SegmentationNetwork,
        batch: Batch,
        places: list[tuple[int, int]],
        taught: tuple[torch.Tensor, torch.Tensor],
    ) -> None:
        """Write what the assistant sees in each box into target and weight."""
        if not places:
            return
        target, weight = taught
        images, boxes = self._looked_at(batch, places)
        crops = cropped(images, boxes, self._settings.side)
        found = assistant.coarse(crops).float().sigmoid()
        rows = torch.arange(len(places))
        own = found[rows, [channel for _, channel in places]][:, None]
        shape = (target.shape[2], target.shape[3])
        seen = put_back(own, boxes, shape)[:, 0]
        within = inside(widened(boxes, _shrunk(self._settings.margin)), shape).to(seen.device)
        for row, (picture, channel) in enumerate(places):
            sure = (seen[row] > SURELY_PRESENT) | (seen[row] < SURELY_ABSENT)
            target[picture, channel] = ((seen[row] > 1 / 2) & within[row]).float()
            weight[picture, channel] = torch.where(within[row], sure * self._settings.weight, 1.0)

    def _looked_at(
        self, batch: Batch, places: list[tuple[int, int]]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The pictures (n, 1, h, w) and boxes with margin (n, 4) of some (picture, channel)."""
        masks = [batch.counts[picture, channel] >= FULL / 2 for picture, channel in places]
        boxes = torch.stack([box_of(mask) for mask in masks]) if masks else torch.zeros(0, 4)
        return batch.strong[[picture for picture, _ in places]], widened(
            boxes, self._settings.margin
        )


def _shrunk(margin: float) -> float:
    """What undoes `widened` by `margin`."""
    return -margin / (1 + 2 * margin)


def chosen(
    batch: Batch, of: list[bool], most: int, random: np.random.Generator
) -> list[tuple[int, int]]:
    """At most `most` (picture, channel) of each wanted picture: known, and not empty."""
    found = []
    filled = (batch.counts >= FULL / 2).flatten(2).any(2) & (batch.known > 0)
    for picture, wanted in enumerate(of):
        channels = torch.nonzero(filled[picture]).flatten().tolist() if wanted else []
        picked = random.permutation(len(channels))[:most]
        found += [(picture, int(channels[index])) for index in picked]
    return found


@MODES.register("boxes")
def build(settings: Mapping[str, Any]) -> Mode:
    """Return the mode."""
    return Boxes(Settings.of(settings))
