"""Numbers for things that stand in a row: ribs along the spine, vertebrae from the neck down.

After YOLOrtho: the cost of calling instance i the k-th is how far it lies from where the k-th is
expected, and how little of it was called so; the cheapest assignment wins. An instance that fits
nowhere is left without a number, "uncertain".
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

Floats = npt.NDArray[np.float64]

VOTE = 0.15  # what a complete disagreement of the name costs beside one squared step of place
UNCERTAIN = 0.6  # an instance 0.77 steps away from every free place gets no number
FORBIDDEN = 1e6


@dataclass(frozen=True, slots=True)
class Numbering:
    """`places` holds, per instance, the index of its place or None (uncertain).

    `cost` is that of the places alone: what the names say is for the caller to price, once.
    """

    places: tuple[int | None, ...]
    cost: float


def numbered(positions: Floats, votes: Floats, template: Floats, step: float) -> Numbering:
    """Assign instances to places in a row, at most one to each, in order.

    positions (n,) and template (k,) are millimetres along the row; `step` is the distance of two
    places; votes (n, k) are the shares of each instance that were called k, and are believed less
    and less until the answer stands in order.
    """
    if not len(positions):
        return Numbering((), 0.0)
    belief = 1.0
    while True:
        found = _assigned(positions, votes * belief, template, step)
        if _in_order(positions, found.places, template) or belief == 0:
            return found
        belief = belief / 2 if belief > 0.1 else 0.0  # noqa: PLR2004 - then place alone decides


def _assigned(positions: Floats, votes: Floats, template: Floats, step: float) -> Numbering:
    away = (positions[:, None] - template[None, :]) / step
    cost = away**2 - VOTE * votes
    nowhere = np.full((len(positions), len(positions)), FORBIDDEN)
    np.fill_diagonal(nowhere, UNCERTAIN)
    rows, columns = linear_sum_assignment(np.hstack([cost, nowhere]))
    places = [int(column) if column < len(template) else None for column in columns]
    price = np.hstack([away**2, nowhere])[rows, columns].sum()
    return Numbering(tuple(places), float(price))


def _in_order(positions: Floats, places: tuple[int | None, ...], template: Floats) -> bool:
    placed = [(z, template[k]) for z, k in zip(positions, places, strict=True) if k is not None]
    expected = [t for _, t in sorted(placed)]
    return expected == sorted(expected)


def levels(positions: Floats) -> npt.NDArray[np.int64]:
    """Return counting numbers of things in a row; a gap of two steps leaves one number out.

    positions (n,) ascend along the row; a step is the median of the five gaps around each, since
    vertebrae become higher from the neck down.
    """
    gaps = np.diff(positions)
    steps = [np.median(gaps[max(0, i - 2) : i + 3]) for i in range(len(gaps))]
    jumps = np.maximum(1, np.round(gaps / np.maximum(steps, 1e-6))).astype(np.int64)
    return np.concatenate([[0], np.cumsum(jumps)]).astype(np.int64)
