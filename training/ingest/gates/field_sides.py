"""Whether both lungs are inside the field at the sides, in front and behind.

Lung at the edge of a slice means that chest wall, ribs and lung are missing there: refused from
10 mm of edge in the worst slice. Skin that is cut is the next gate's.
"""

import numpy as np

from training.ingest.chest import Mask
from training.ingest.gate import GATES, Evidence, Verdict, graded, unanswered

WARN_MM = 0.0
REFUSE_MM = 10.0
RIM = 3  # voxels; the body's own rim is one or two of them


@GATES.register("field_sides")
def field_sides(evidence: Evidence) -> Verdict:
    """Score: the longest stretch of lung along the edge of a slice, in millimetres."""
    if evidence.lungs is None:
        return unanswered()
    both, spacing = evidence.lungs.both, evidence.volume.spacing_mm
    rims = [both[:, :RIM], both[:, -RIM:]]
    rims += [both[:, :, :RIM].swapaxes(1, 2), both[:, :, -RIM:].swapaxes(1, 2)]
    worst = max(_longest(rim) for rim in rims) * spacing[1]
    return graded(worst, WARN_MM, REFUSE_MM, "a lung reaches the side of the field")


def _longest(rim: Mask) -> int:
    """Most columns of one slice with lung in the rim (slices, depth of the rim, length)."""
    return int(np.max(rim.any(axis=1).sum(axis=1), initial=0))
