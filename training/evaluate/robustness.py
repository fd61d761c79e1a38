"""Scores against the strength of a film's faults, and how steady masks are where no truth is.

On films with human masks the reference is the truth. On unlabelled films it is the model's own
answer for the undisturbed film: that says how steady the model is, not how right.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from service.inference.session import Segmenter
from training.evaluate.disturbances import DISTURBANCES, Disturbance, Disturbed
from training.evaluate.films import DRAWN, FIELDS, drawn_masks, masks_of, read_film, segment
from training.evaluate.metrics import Estimate, estimate, intersection_over_union

Mask = npt.NDArray[np.bool_]
Masks = Mapping[str, Mask]
LUNG_FIELDS, HEART = "lung fields", "heart"
FEWEST_SHOWN = 0.25
"""A class of whose reference less than this is left in sight says nothing about the model."""


@dataclass(frozen=True, slots=True)
class Point:
    """Mean IoU over films at one strength; None when no film shows enough of the structure."""

    strength: float
    iou: Estimate | None


@dataclass(frozen=True, slots=True)
class Curve:
    """One structure under one disturbance."""

    disturbance: Disturbance
    structure: str
    points: tuple[Point, ...]

    @property
    def undisturbed(self) -> Estimate | None:
        """The score of the films as they are."""
        neutral = self.disturbance.neutral
        return next((p.iou for p in self.points if p.strength == neutral), None)


@dataclass(frozen=True, slots=True)
class Completeness:
    """Of `films` unlabelled ones, how many have both lung fields and a heart; the others' names."""

    films: int
    complete: int
    lacking: tuple[str, ...]


Reference = Callable[[Path], Masks]
"""What the masks of a film are compared with."""


def evenly_chosen(paths: Sequence[Path], count: int) -> list[Path]:
    """`count` of the films, spread evenly over their order; all when there are fewer."""
    places = np.linspace(0, len(paths) - 1, min(count, len(paths))).round().astype(int)
    return [paths[place] for place in places]


def truth_of(path: Path) -> Masks:
    """What people drew."""
    return drawn_masks(path, read_film(path).shape)


def own_answer(segmenter: Segmenter) -> Reference:
    """What the model says of the film as it is."""
    return lambda path: masks_of(segment(segmenter, read_film(path)), DRAWN)


def robustness_curves(
    segmenter: Segmenter,
    paths: Sequence[Path],
    reference: Reference,
    disturbances: Iterable[Disturbance] = DISTURBANCES,
) -> tuple[Curve, ...]:
    """Two curves, lung fields and heart, for each disturbance."""
    films = [(read_film(path), reference(path)) for path in paths]
    steps = tqdm(list(disturbances), unit="disturbance")
    return tuple(curve for each in steps for curve in _curves(segmenter, films, each))


def completeness(segmenter: Segmenter, paths: Sequence[Path]) -> Completeness:
    """Count the films in which each of both lung fields and the heart was found."""
    lacking = []
    for path in tqdm(paths, unit="film"):
        found = segment(segmenter, read_film(path))
        missing = [key for key in DRAWN if not found.has(key)]
        if missing:
            lacking.append(f"{path.stem}: {', '.join(missing)}")
    return Completeness(len(paths), len(paths) - len(lacking), tuple(lacking))


def _curves(
    segmenter: Segmenter, films: Sequence[tuple[npt.NDArray[np.float32], Masks]], each: Disturbance
) -> tuple[Curve, Curve]:
    lungs: list[Point] = []
    heart: list[Point] = []
    for strength in each.strengths:
        scores = [
            _scores(segmenter, each.disturb(pixels, strength), masks) for pixels, masks in films
        ]
        lungs.append(_point(strength, scores, FIELDS))
        heart.append(_point(strength, scores, ("heart",)))
    return Curve(each, LUNG_FIELDS, tuple(lungs)), Curve(each, HEART, tuple(heart))


def _scores(segmenter: Segmenter, film: Disturbed, reference: Masks) -> dict[str, float]:
    found = masks_of(segment(segmenter, film.pixels), DRAWN)
    return {
        key: intersection_over_union(film.restored(found[key]) & film.seen, mask & film.seen)
        for key, mask in reference.items()
        if mask.any() and (mask & film.seen).sum() >= FEWEST_SHOWN * mask.sum()
    }


def _point(strength: float, scores: Sequence[dict[str, float]], keys: Sequence[str]) -> Point:
    shown = [[film[key] for key in keys if key in film] for film in scores]
    return Point(strength, estimate([float(np.mean(each)) for each in shown if each]))
