"""`supervised`: what is known is taught; a mean teacher may speak about the rest of real films."""

from collections.abc import Mapping
from typing import Any

import torch

from training.fit.losses import masked_loss
from training.fit.mode import MODES, Mode, Step, target_of, weight_of
from training.fit.opinion import with_opinions
from training.fit.own_settings import OwnSettings


class Settings(OwnSettings):
    """From `teacher_from_step` on the teacher speaks; null is never."""

    teacher_from_step: int | None = None


class Supervised(Mode):
    """BCE and Dice under the availability mask."""

    def __init__(self, teacher_from_step: int | None = None) -> None:
        self._teacher_from_step = teacher_from_step

    def loss(self, step: Step) -> torch.Tensor:
        """The masked loss of the strong pictures."""
        target, weight = target_of(step.batch), weight_of(step.batch)
        first = self._teacher_from_step
        if first is not None and step.number >= first:
            target, weight = with_opinions(step.learner.teacher, step.batch, target, weight)
        return masked_loss(step.predict(step.batch.strong), target, weight, step.importance)


@MODES.register("supervised")
def build(settings: Mapping[str, Any]) -> Mode:
    """Return the mode."""
    return Supervised(Settings.of(settings).teacher_from_step)
