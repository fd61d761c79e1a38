"""How much of something is missing beyond the first or last slice, from how fast it shrinks."""

import numpy as np
import numpy.typing as npt

FURTHEST_MM = 100.0
SLOPE_MM = 12.0
TOUCH_MM2 = 150.0


def cut_off_mm(areas_mm2: npt.NDArray[np.float64], spacing_mm: float) -> float:
    """Millimetres missing beyond the last entry: its area over the loss of area per millimetre.

    `areas_mm2` runs towards the edge. Zero where (nearly) nothing touches it; never more than
    FURTHEST_MM, which is also the answer where the area does not shrink at all.
    """
    last = float(areas_mm2[-1])
    if last < TOUCH_MM2:
        return 0.0
    steps = min(len(areas_mm2) - 1, max(1, round(SLOPE_MM / spacing_mm)))
    loss = float(areas_mm2[-1 - steps] - last) / (steps * spacing_mm)
    return FURTHEST_MM if loss <= 0 else min(FURTHEST_MM, last / loss)
