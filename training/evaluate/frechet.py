"""The Frechet distance of two sets of features, and what remains of it for endless samples.

Source: Heusel et al., NIPS 2017, for the distance; Chong and Forsyth, CVPR 2020, for its bias: it
shrinks as 1 / n, so distances at several n give a line whose value at 1 / n = 0 has none of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Features = npt.NDArray[np.float64]
DRAWS, SIZES = 20, 6
SMALLEST_SHARE = 0.4
FEWEST = 8

Draw = Callable[[np.random.Generator, int], tuple[Features, Features]]
"""`n` features of either set, drawn without replacement."""


@dataclass(frozen=True, slots=True)
class Distance:
    """Of `count` pictures on either side: mean over random draws and where 95 % of draws fall.

    extrapolated: for endlessly many pictures; may be a little below zero where nothing differs.
    """

    name: str
    count: int
    mean: float
    low: float
    high: float
    extrapolated: float


def frechet_distance(first: Features, second: Features) -> float:
    """Between the normal distributions that fit two sets, (pictures, features) each."""
    a, b = _factor(first), _factor(second)
    apart = ((first.mean(0) - second.mean(0)) ** 2).sum()
    # The trace of the root of the product of both covariances a'a and b'b is the sum of the
    # singular values of ab': no root of a large singular matrix has to be found.
    shared = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    return float(apart + (a**2).sum() + (b**2).sum() - 2 * shared)


def distance_between(name: str, first: Features, second: Features, count: int) -> Distance:
    """Of two sets, `count` of each at a time; raises ValueError where there are fewer."""
    _check(count, min(len(first), len(second)))

    def draw(random: np.random.Generator, n: int) -> tuple[Features, Features]:
        return _some(first, random, n), _some(second, random, n)

    return _distance(name, draw, count)


def distance_within(name: str, features: Features, count: int) -> Distance:
    """Of two disjoint parts of one set, `count` in each: the floor for every other distance."""
    _check(count, len(features) // 2)

    def draw(random: np.random.Generator, n: int) -> tuple[Features, Features]:
        order = random.permutation(len(features))
        return features[order[:n]], features[order[n : 2 * n]]

    return _distance(name, draw, count)


def _distance(name: str, draw: Draw, count: int) -> Distance:
    random = np.random.default_rng(0)
    sizes = np.unique(np.linspace(SMALLEST_SHARE * count, count, SIZES).round().astype(int))
    found = [[frechet_distance(*draw(random, int(n))) for _ in range(DRAWS)] for n in sizes]
    _slope, endless = np.polyfit(1 / sizes, np.mean(found, axis=1), 1)
    low, high = np.percentile(found[-1], [2.5, 97.5])
    return Distance(name, count, float(np.mean(found[-1])), float(low), float(high), float(endless))


def _factor(features: Features) -> Features:
    """A whose A'A is the covariance, with no more rows than columns."""
    centred = (features - features.mean(0)) / np.sqrt(len(features) - 1)
    rows, columns = centred.shape
    triangle = np.linalg.qr(centred, mode="r") if rows > columns else centred
    return np.asarray(triangle, np.float64)


def _some(features: Features, random: np.random.Generator, n: int) -> Features:
    return np.asarray(features[random.permutation(len(features))[:n]])


def _check(count: int, most: int) -> None:
    if not FEWEST <= count <= most:
        raise ValueError(f"{count} pictures of each set are wanted; {FEWEST} to {most} can be had")
