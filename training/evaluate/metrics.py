"""Scores of masks, and their bootstrap intervals over films."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
ROUNDS = 2000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `count` films with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    count: int


def intersection_over_union(found: Mask, truth: Mask) -> float:
    """IoU of two masks; 1 when both are empty."""
    union = (found | truth).sum()
    return float((found & truth).sum() / union) if union else 1.0


def dice(found: Mask, truth: Mask) -> float:
    """Dice coefficient of two masks; 1 when both are empty."""
    overlap = intersection_over_union(found, truth)
    return 2 * overlap / (1 + overlap)


def horizontal_width(mask: Mask) -> int:
    """Columns from the first to the last that the mask touches."""
    columns = np.flatnonzero(mask.any(0))
    return int(np.ptp(columns)) + 1 if len(columns) else 0


def bootstrap_interval(
    values: Sequence[float], seed: int = 0, rounds: int = ROUNDS, level: float = 0.95
) -> tuple[float, float]:
    """Percentile interval of the mean, films drawn with replacement."""
    random = np.random.default_rng(seed)
    array = np.asarray(values, dtype=np.float64)
    means = array[random.integers(0, len(array), (rounds, len(array)))].mean(1)
    low, high = np.percentile(means, [50 * (1 - level), 50 * (1 + level)])
    return float(low), float(high)


def estimate(values: Sequence[float]) -> Estimate | None:
    """The mean with its interval; None without a value."""
    if not values:
        return None
    low, high = bootstrap_interval(values)
    return Estimate(float(np.mean(values)), low, high, len(values))
