"""Curves of a spine: between plates where its tilt turns back."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FEWEST_VERTEBRAE = 3
NOTICED = 5.0
"""Degrees by which the tilt must turn back before a curve ends: less is noise."""


@dataclass(frozen=True, slots=True)
class Curve:
    """From plate `first` to plate `last` (places in the tilts); angle in degrees, signed.

    Positive: the spine first leads to higher columns and then back, so that it bulges there.
    """

    first: int
    last: int
    angle: float

    @property
    def size(self) -> float:
        """Return the angle without its sign."""
        return abs(self.angle)


def curves(tilts: Sequence[float], fewest: int) -> tuple[Curve, ...]:
    """Return curves over at least `fewest` steps between plates, the largest first."""
    turns = _turning_points(tilts)
    found = (Curve(a, b, tilts[b] - tilts[a]) for a, b in pairwise(turns) if b - a >= fewest)
    return tuple(sorted(found, key=lambda curve: (-curve.size, curve.first)))


def _turning_points(tilts: Sequence[float]) -> list[int]:
    """Return the places of alternating lowest and highest tilts, the two outermost among them.

    A turn counts once the tilt has gone back by `NOTICED` degrees.
    """
    turns: list[int] = []
    lowest = highest = 0
    rising: bool | None = None
    for place, tilt in enumerate(tilts):
        lowest = place if tilt < tilts[lowest] else lowest
        highest = place if tilt > tilts[highest] else highest
        if rising is not False and tilts[highest] - tilt >= NOTICED:
            turns.append(highest)
            rising, lowest = False, place
        elif rising is not True and tilt - tilts[lowest] >= NOTICED:
            turns.append(lowest)
            rising, highest = True, place
    if rising is None:
        return sorted({lowest, highest})
    return [*turns, highest if rising else lowest]
