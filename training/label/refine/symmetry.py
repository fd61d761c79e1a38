"""Right and left ribs beside each other have the same number; where they have not, one is wrong."""

from collections.abc import Sequence

import numpy as np

from training.label.derive.rib_codes import SIDES
from training.label.refine.ribs import Rib

BESIDE_MM = 8.0
"""How much nearer a rib's head must be to another number's of the other side than to its own."""


def disagreeing(named: Sequence[tuple[Rib, int | None]]) -> frozenset[int]:
    """Return the numbers on which the sides disagree: the heads of two of them lie side by side.

    A body that leans has all heads of one side higher, by the median of what is the same.
    """
    right, left = (
        {number: rib.head_mm for rib, number in named if rib.side == side and number is not None}
        for side in SIDES
    )
    both = right.keys() & left.keys()
    lean = float(np.median([right[n] - left[n] for n in both])) if both else 0.0
    found: set[int] = set()
    for number, height in right.items():
        away = {other: abs(height - lean - head) for other, head in left.items()}
        nearest = min(away, key=away.__getitem__, default=number)
        own = away.get(number, 2 * BESIDE_MM)
        if nearest != number and away[nearest] < own - BESIDE_MM:
            found |= {number, nearest}
    return frozenset(found)
