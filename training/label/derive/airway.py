"""The tracheal bifurcation: the airway from a little above the carina downwards."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.label.derive.derived import Derived, Spacing, layer, refused
from training.label.labelled import Mask

KEY = "tracheal_bifurcation"
ABOVE_CARINA_MM = 12.0  # how much of the trachea belongs to its bifurcation
SMALLEST_BRONCHUS_MM2 = 25.0
CARINA_MM = 4.0  # the airway stays in two for at least so long below its carina


def bifurcation(trachea: Mask, spacing_mm: Spacing) -> Derived:
    """Return the bifurcation from the airway, bool (z, y, x).

    Truly absent where the scan ends above the carina; unknown where the airway's label does.
    """
    twice = _cut_twice(trachea, spacing_mm)
    if twice.any():
        highest = np.flatnonzero(twice)[-1] + ABOVE_CARINA_MM / spacing_mm[0]
        below = np.arange(len(trachea))[:, None, None] <= highest
        return Derived(layer(trachea.shape, {KEY: trachea & below}), frozenset({KEY}))
    nothing = layer(trachea.shape, {})
    if trachea[0].any():
        return Derived(nothing, frozenset({KEY}))
    return refused(nothing, "the airway's label ends above the carina", KEY)


def _cut_twice(trachea: Mask, spacing_mm: Spacing) -> npt.NDArray[np.bool_]:
    """Return, per slice, whether it and those below it for `CARINA_MM` hold two bronchi."""
    smallest = SMALLEST_BRONCHUS_MM2 / (spacing_mm[1] * spacing_mm[2])
    two = np.array([_large_pieces(cut, smallest) > 1 for cut in trachea])
    run = max(1, round(CARINA_MM / spacing_mm[0]))
    below = [two[max(0, z - run + 1) : z + 1].all() for z in range(len(two))]
    return np.array(below)


def _large_pieces(cut: Mask, smallest: float) -> int:
    pieces, _ = ndimage.label(cut)
    return int((np.bincount(pieces.ravel())[1:] >= smallest).sum())
