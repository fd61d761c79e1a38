"""Scores of one class on one picture, and of classes over many pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.evaluate.metrics import Estimate, dice, estimate, intersection_over_union
from training.evaluate.surface import on_grid, surface_distance_95

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class on one picture.

    surface_px: 95th-percentile surface distance in pixels of a grid of 512; surface_mm where the
    picture knows its millimetres; None where truth or prediction is empty.
    area: share of the picture that the truth covers; 0 for a class that is not there.
    was_found: whether anything was predicted.
    """

    key: str
    iou: float
    dice: float
    surface_px: float | None
    surface_mm: float | None
    area: float
    was_found: bool


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """One class over the pictures where its truth is known.

    known: pictures on which the class was looked for. present: those that show it. missed: shown,
    and nothing was predicted. invented: not shown, and something was. IoU and Dice count the
    pictures where truth or prediction has it; surface distances those where both have it.
    """

    key: str
    known: int
    present: int
    missed: int
    invented: int
    area: float
    iou: Estimate | None
    dice: Estimate | None
    surface_px: Estimate | None
    surface_mm: Estimate | None


def score_class(key: str, found: Mask, truth: Mask, pixel_mm: float | None = None) -> ClassScore:
    """Compare two masks, bool (rows, columns) with square pixels."""
    distance = surface_distance_95(found, truth)
    return ClassScore(
        key,
        intersection_over_union(found, truth),
        dice(found, truth),
        None if distance is None else on_grid(distance, truth.shape),
        None if distance is None or pixel_mm is None else distance * pixel_mm,
        float(truth.mean()),
        bool(found.any()),
    )


def score_classes(
    found: Mapping[str, Mask], truth: Mapping[str, Mask], pixel_mm: float | None = None
) -> tuple[ClassScore, ...]:
    """One score for each class of the truth that is also in `found`."""
    return tuple(
        score_class(key, found[key], mask, pixel_mm) for key, mask in truth.items() if key in found
    )


def summarise_classes(scores: Iterable[Sequence[ClassScore]]) -> tuple[ClassSummary, ...]:
    """One summary per class, in the order in which classes are met."""
    by_key: dict[str, list[ClassScore]] = {}
    for picture in scores:
        for score in picture:
            by_key.setdefault(score.key, []).append(score)
    return tuple(_summary(key, each) for key, each in by_key.items())


def mean_iou(summaries: Sequence[ClassSummary]) -> float | None:
    """Mean over classes; one that is nowhere, in truth and prediction, does not count."""
    values = [each.iou.mean for each in summaries if each.iou is not None]
    return float(np.mean(values)) if values else None


def _summary(key: str, scores: Sequence[ClassScore]) -> ClassSummary:
    shown = [score for score in scores if score.area > 0]
    counted = [score for score in scores if score.area > 0 or score.was_found]
    return ClassSummary(
        key=key,
        known=len(scores),
        present=len(shown),
        missed=sum(not score.was_found for score in shown),
        invented=len(counted) - len(shown),
        area=float(np.mean([score.area for score in shown])) if shown else 0.0,
        iou=estimate([score.iou for score in counted]),
        dice=estimate([score.dice for score in counted]),
        surface_px=estimate([s.surface_px for s in scores if s.surface_px is not None]),
        surface_mm=estimate([s.surface_mm for s in scores if s.surface_mm is not None]),
    )
