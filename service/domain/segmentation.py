"""Described structures (Segments) and their pixels (masks)."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from service.errors import MissingSegment


class Laterality(StrEnum):
    """The patient's side, never the screen's."""

    RIGHT = "right"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept (PS3.3 section 8.8)."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A described structure; `number` is stable over model versions, 1-based.

    modifiers: what the type code alone does not say, sides apart (anterior, bilateral).
    """

    number: int
    key: str
    label: str
    category: Code
    type: Code
    laterality: Laterality | None
    colour_rgb: tuple[int, int, int]
    modifiers: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Segmentation:
    """Overlapping structures of one radiograph, a stack and not a label map.

    masks: bool (segments, rows, columns) on the source grid; masks[i] belongs to segments[i].
    probabilities: float32 (segments,), mean model output inside each mask; 0 where it is empty.
    """

    segments: tuple[Segment, ...]
    masks: NDArray[np.bool_]
    probabilities: NDArray[np.float32]

    def has(self, key: str) -> bool:
        """Return whether the segment is known and not empty."""
        return any(s.key == key and bool(self.masks[i].any()) for i, s in enumerate(self.segments))

    def mask(self, key: str) -> NDArray[np.bool_]:
        """Return the mask, bool (rows, columns); raises MissingSegment when unknown or empty."""
        for index, segment in enumerate(self.segments):
            if segment.key == key and self.masks[index].any():
                found: NDArray[np.bool_] = self.masks[index]
                return found
        raise MissingSegment(f"{key.replace('_', ' ')} was not found", code="missing_segment")

    def segment(self, key: str) -> Segment:
        """Return the description; raises MissingSegment when the model does not know it."""
        for segment in self.segments:
            if segment.key == key:
                return segment
        raise MissingSegment(f"the model has no {key.replace('_', ' ')}")
