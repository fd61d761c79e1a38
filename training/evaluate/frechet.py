"""How far two sets of features are apart: the Frechet distance, and one without its bias.

The Frechet distance (Heusel et al., NIPS 2017) of small samples is too large: two halves of one set
are far from zero. It is therefore given for equally many pictures everywhere, beside the distance
of two halves. With far more features than pictures its bias cannot be extrapolated away, so the
kernel distance (Binkowski et al., ICLR 2018), which has none, stands beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Features = npt.NDArray[np.float64]
DRAWS = 20
FEWEST = 8

Draw = Callable[[np.random.Generator, int], tuple[Features, Features]]
"""`n` features of either set, drawn without replacement."""


@dataclass(frozen=True, slots=True)
class Distance:
    """Frechet distance of `count` pictures on either side: mean of draws, where 95 % of them fall.

    kernel: the kernel distance, mean of the same draws; around zero, so also below, where nothing
    differs.
    """

    name: str
    count: int
    mean: float
    low: float
    high: float
    kernel: float


def frechet_distance(first: Features, second: Features) -> float:
    """Between the normal distributions that fit two sets, (pictures, features) each."""
    a, b = _factor(first), _factor(second)
    apart = ((first.mean(0) - second.mean(0)) ** 2).sum()
    # The trace of the root of the product of both covariances a'a and b'b is the sum of the
    # singular values of ab': no root of a large singular matrix has to be found.
    shared = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    return float(apart + (a**2).sum() + (b**2).sum() - 2 * shared)


def kernel_distance(first: Features, second: Features) -> float:
    """Squared maximum mean discrepancy, unbiased, with the kernel (x.y / features + 1)^3."""
    width = first.shape[1]
    own = [((each @ each.T) / width + 1) ** 3 for each in (first, second)]
    shared = ((first @ second.T) / width + 1) ** 3
    # A picture is not compared with itself: that is what takes the bias away.
    within = sum((k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)) for k in own)
    return float(within - 2 * shared.mean())


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
    draws = [draw(random, count) for _ in range(DRAWS)]
    found = [frechet_distance(*each) for each in draws]
    low, high = np.percentile(found, [2.5, 97.5])
    kernel = np.mean([kernel_distance(*each) for each in draws])
    return Distance(name, count, float(np.mean(found)), float(low), float(high), float(kernel))


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
