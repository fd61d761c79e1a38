"""`supervised`: what is known is taught; a mean teacher may speak about the rest of real films."""

from collections.abc import Mapping
from typing import Any

import torch
from pydantic import Field

from training.fit.losses import masked_loss
from training.fit.mode import MODES, Mode, Step, target_of, weight_of
from training.fit.opinion import SURELY_ABSENT, with_opinions
from training.fit.own_settings import OwnSettings


class Settings(OwnSettings):
    """From `teacher_from_step` on the teacher speaks; null is never.

    It is believed that nothing is there where its probability is below `surely_absent`: the lower,
    the less does what it misses wear away.
    """

    teacher_from_step: int | None = None
    surely_absent: float = Field(default=SURELY_ABSENT, ge=0, le=1)


class Supervised(Mode):
    """BCE and Dice under the availability mask."""

    def __init__(
        self, teacher_from_step: int | None = None, surely_absent: float = SURELY_ABSENT
    ) -> None:
        self._teacher_from_step = teacher_from_step
        self._surely_absent = surely_absent

    def loss(self, step: Step) -> torch.Tensor:
        """The masked loss of the strong pictures."""
        target, weight = target_of(step.batch), weight_of(step.batch)
        first = self._teacher_from_step
        if first is not None and step.number >= first:
            target, weight = with_opinions(
                step.learner.teacher, step.batch, target, weight, self._surely_absent
            )
        return masked_loss(step.predict(step.batch.strong), target, weight, step.importance)


@MODES.register("supervised")
def build(settings: Mapping[str, Any]) -> Mode:
    """Return the mode."""
    chosen = Settings.of(settings)
    return Supervised(chosen.teacher_from_step, chosen.surely_absent)
