"""ICC(2,1): how much of the spread between films is the films' own, one rater each time.

Two-way random effects, absolute agreement, single rater. Sources: Shrout and Fleiss, Psychol Bull
1979;86:420, for the coefficient; McGraw and Wong, Psychol Methods 1996;1:30, case ICC(A,1), for
the interval.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

FEWEST_FILMS = 3
Table = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Intraclass:
    """The coefficient and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Squares:
    """Mean squares between films, between raters, and what is left; the table's size."""

    films: float
    raters: float
    rest: float
    rows: int
    columns: int


def intraclass_correlation(ratings: Table, level: float = 0.95) -> Intraclass | None:
    """From (films, raters); None for fewer than three films or films that are all alike."""
    if ratings.shape[0] < FEWEST_FILMS or np.ptp(ratings) == 0:
        return None
    squares = _mean_squares(ratings)
    value = _coefficient(squares)
    if squares.rest == 0:
        return Intraclass(value, value, value)
    return Intraclass(value, *_interval(squares, value, 1 - level))


def _mean_squares(ratings: Table) -> _Squares:
    rows, columns = ratings.shape
    grand = ratings.mean()
    films = columns * ((ratings.mean(1) - grand) ** 2).sum()
    raters = rows * ((ratings.mean(0) - grand) ** 2).sum()
    # The residuals themselves: subtracting sums of squares would leave rounding, not zero.
    rest = (ratings - ratings.mean(1, keepdims=True) - ratings.mean(0) + grand) ** 2
    free = (rows - 1) * (columns - 1)
    return _Squares(
        float(films / (rows - 1)), float(raters / (columns - 1)), float(rest.sum() / free),
        rows, columns,
    )  # fmt: skip


def _coefficient(s: _Squares) -> float:
    spread = s.films + (s.columns - 1) * s.rest + s.columns * (s.raters - s.rest) / s.rows
    return (s.films - s.rest) / spread


def _interval(s: _Squares, value: float, alpha: float) -> tuple[float, float]:
    """McGraw and Wong, table 7; the denominator's degrees of freedom are Satterthwaite's."""
    n, k = s.rows, s.columns
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    raters, rest = a * s.raters, b * s.rest
    free = (raters + rest) ** 2 / (raters**2 / (k - 1) + rest**2 / ((n - 1) * (k - 1)))
    lower = stats.f.ppf(1 - alpha / 2, n - 1, free)
    upper = stats.f.ppf(1 - alpha / 2, free, n - 1)
    shared = k * s.raters + (k * n - k - n) * s.rest
    low = n * (s.films - lower * s.rest) / (lower * shared + n * s.films)
    high = n * (upper * s.films - s.rest) / (shared + n * upper * s.films)
    return float(low), float(high)
