"""`supervised`: what is known is taught; a mean teacher may speak about the rest of real films."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import torch
from pydantic import Field

from training.fit.checkpoint import load_teacher
from training.fit.losses import masked_loss
from training.fit.mode import MODES, Mode, Step, target_of, weight_of
from training.fit.network import SegmentationNetwork
from training.fit.opinion import SURELY_ABSENT, with_lessons, with_opinions
from training.fit.own_settings import OwnSettings


class Settings(OwnSettings):
    """From `teacher_from_step` on the teacher speaks; null is never.

    It is believed that nothing is there where its probability is below `surely_absent`: the lower,
    the less does what it misses wear away. `tutor` is the checkpoint of a finished network that
    speaks instead, about everything; `tutor_size` is the side of the pictures that it knows.
    """

    teacher_from_step: int | None = None
    surely_absent: float = Field(default=SURELY_ABSENT, ge=0, le=1)
    tutor: Path | None = None
    tutor_size: int | None = None


@cache
def finished(checkpoint: Path, device: torch.device) -> SegmentationNetwork:
    """The averaged network of a checkpoint, to ask only; its channels are those of the run."""
    return load_teacher(checkpoint).to(device).eval()


class Supervised(Mode):
    """BCE and Dice under the availability mask."""

    def __init__(self, teaching: Settings) -> None:
        self._teaching = teaching

    def loss(self, step: Step) -> torch.Tensor:
        """The masked loss of the strong pictures."""
        target, weight = target_of(step.batch), weight_of(step.batch)
        own = self._teaching
        if own.tutor is not None:
            tutor = finished(own.tutor, step.batch.strong.device)
            target, weight = with_lessons(tutor, step.batch, target, weight, own.tutor_size)
        elif own.teacher_from_step is not None and step.number >= own.teacher_from_step:
            target, weight = with_opinions(
                step.learner.teacher, step.batch, target, weight, own.surely_absent
            )
        return masked_loss(step.predict(step.batch.strong), target, weight, step.importance)


@MODES.register("supervised")
def build(settings: Mapping[str, Any]) -> Mode:
    """Return the mode."""
    return Supervised(Settings.of(settings))
