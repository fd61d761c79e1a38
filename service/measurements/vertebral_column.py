"""The vertebrae that are seen whole, from the neck down, and which way the spine runs at each."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from service.domain.segmentation import Code
from service.errors import NotMeasurable
from service.measurements.registry import Subject
from service.measurements.shape import Shape
from service.measurements.square_pixels import pixel_aspect

Vector = NDArray[np.float64]
"""float (2,), (down, right) in pixels made square: rows are multiplied by the pixel's aspect."""

_SITES = {
    "c7": "87391001",
    "t1": "64864005",
    "t2": "53733008",
    "t3": "1626008",
    "t4": "73071006",
    "t5": "56401006",
    "t6": "45296009",
    "t7": "62487009",
    "t8": "11068009",
    "t9": "82687006",
    "t10": "7610001",
    "t11": "12989004",
    "t12": "23215003",
    "l1": "66794005",
    "l2": "14293000",
    "l3": "36470004",
    "l4": "11994002",
    "l5": "49668003",
}
"""SNOMED CT codes of the vertebrae that a film of the chest may show, from the neck down."""

LEVELS = tuple(_SITES)
SEGMENTS = tuple(f"vertebra_{level}" for level in LEVELS)
NEAREST, FARTHEST = 0.4, 2.0
"""Neighbours lie this far apart, in median distances; else labels are wrong."""
TALLEST = 2.8
"""A silhouette with its processes is at most so tall, in median distances (2.5 on labelled CTs); a
taller one is a model's blur over several levels, and its borders are no plates."""
SHARPEST_BEND = 50.0
"""Degrees that the line through neighbouring centres may turn at one vertebra."""


@dataclass(frozen=True, slots=True)
class Vertebra:
    """One vertebra that no border of the image cuts.

    centre: of its whole silhouette, (row * aspect, column). down: unit vector along the spine.
    pitch: distance to its neighbours, in square pixels.
    """

    level: str
    shape: Shape
    centre: Vector
    down: Vector
    pitch: float

    @property
    def key(self) -> str:
        """Return the segment's key."""
        return f"vertebra_{self.level}"

    @property
    def name(self) -> str:
        """Return the level as people write it."""
        return self.level.upper()

    @property
    def site(self) -> Code:
        """Return the coded vertebra."""
        return Code(_SITES[self.level], "SCT", f"{self.name} vertebra")


def vertebral_column(subject: Subject, fewest: int = 3) -> tuple[Vertebra, ...]:
    """Return the longest row of vertebrae without a gap, from the neck down.

    Raises MissingSegment where there are fewer than `fewest`, NotMeasurable where their order or
    distances are not those of a spine.
    """
    aspect = pixel_aspect(subject)
    whole = [level for level in LEVELS if _is_whole(subject, f"vertebra_{level}")]
    levels = _longest_run(whole)
    if len(levels) < fewest:
        raise NotMeasurable(f"fewer than {fewest} neighbouring vertebrae were found whole")
    shapes = [subject.shape(f"vertebra_{level}") for level in levels]
    centres = np.array([shape.centre for shape in shapes]) * (aspect, 1.0)
    pitches = _pitches(centres)
    _check_heights(levels, shapes, float(np.median(pitches)) / aspect)
    return tuple(
        Vertebra(level, shape, centre, down, pitch)
        for level, shape, centre, down, pitch in zip(
            levels, shapes, centres, _directions(centres), pitches, strict=True
        )
    )


def _is_whole(subject: Subject, key: str) -> bool:
    if not subject.segmentation.has(key):
        return False
    shape = subject.shape(key)
    inside = shape.top > 0 and shape.left > 0
    return inside and shape.bottom < subject.rows - 1 and shape.right < subject.columns - 1


def _longest_run(levels: list[str]) -> list[str]:
    """Return the longest stretch of levels that follow each other; the lowest of equals."""
    runs: list[list[str]] = []
    for level in levels:
        place = LEVELS.index(level)
        if runs and place and LEVELS[place - 1] == runs[-1][-1]:
            runs[-1].append(level)
        else:
            runs.append([level])
    return max(reversed(runs), key=len, default=[])


def _pitches(centres: NDArray[np.float64]) -> list[float]:
    """Return each vertebra's distance to its neighbours; raises NotMeasurable."""
    steps = np.linalg.norm(np.diff(centres, axis=0), axis=1)
    relative = steps / np.median(steps)
    if relative.min() < NEAREST or relative.max() > FARTHEST:
        raise NotMeasurable("the vertebrae are not evenly spaced; one may be labelled wrongly")
    return [float(np.mean(steps[max(0, place - 1) : place + 1])) for place in range(len(centres))]


def _check_heights(levels: list[str], shapes: list[Shape], pitch_rows: float) -> None:
    """Raise NotMeasurable where a vertebra is as tall as several."""
    for level, shape in zip(levels, shapes, strict=True):
        if shape.bottom - shape.top + 1 > TALLEST * pitch_rows:
            reason = "is drawn over several levels; vertebrae cannot be told apart"
            raise NotMeasurable(f"{level.upper()} {reason}")


def _directions(centres: NDArray[np.float64]) -> list[Vector]:
    """Return unit vectors down the spine; raises NotMeasurable where the line doubles back."""
    steps = [(b - a) / np.linalg.norm(b - a) for a, b in pairwise(centres)]
    for before, after in pairwise(steps):
        if np.degrees(np.arccos(np.clip(before @ after, -1, 1))) > SHARPEST_BEND:
            raise NotMeasurable("the vertebrae do not follow one line; one may be labelled wrongly")
    sums = [before + after for before, after in pairwise(steps)]
    return [total / np.linalg.norm(total) for total in (steps[0], *sums, steps[-1])]
