"""What a judge is asked: two ways to draw one structure in one scan, and which is better."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from service.anatomy.structures import structures_by_key
from training.label.critic.classes import WHOLE_RIBS
from training.label.derive.derived import Spacing
from training.label.labelled import Mask


@dataclass(frozen=True, slots=True)
class Scan:
    """A CT: `hu` int16 and `body` bool, both (z, y, x); z to the head, y to the back, x to left."""

    hu: npt.NDArray[np.int16]
    body: Mask
    spacing_mm: Spacing


@dataclass(frozen=True, slots=True)
class Question:
    """Which of two masks (z, y, x) is the better one of a structure; who drew them is not said.

    `key` is of the anatomy table, or of a whole rib (`training.label.critic.classes`).
    """

    key: str
    scan: Scan
    first: Mask
    second: Mask

    @property
    def label(self) -> str:
        """The structure in words."""
        structure = structures_by_key().get(self.key)
        return structure.label if structure else WHOLE_RIBS[self.key]


class Choice(StrEnum):
    """A judge's answer."""

    FIRST = "first"
    SECOND = "second"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Answer:
    """A choice and the judge's reason for it."""

    choice: Choice
    reason: str


class JudgeFailed(Exception):
    """The judge could not be asked, or its answer was none; the message says which."""


class Judge(Protocol):
    """Answers a question; raises `JudgeFailed` where it cannot."""

    def better(self, question: Question) -> Answer:
        """Say which of two masks is better."""
        ...
