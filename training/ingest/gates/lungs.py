"""Whether both lungs are there, whole and filled with air.

Below 1 litre for both, a child, a collapse or a field of another region; below a share of 0.35 for
the smaller one, effusion, mass or collapse, which the rules would call something else: a warning.
"""

import numpy as np

from training.ingest.gate import GATES, Evidence, Outcome, Verdict

LEAST_ML = 1000.0
LEAST_SHARE = 0.35


@GATES.register("lungs")
def lungs(evidence: Evidence) -> Verdict:
    """Score: millilitres of air-filled lung of both sides; or the smaller over the larger lung."""
    if evidence.lungs is None:
        return Verdict(Outcome.REFUSED, None, LEAST_ML, "two separate lungs were not found")
    voxel_ml = float(np.prod(evidence.volume.spacing_mm)) / 1000
    small, large = sorted(
        float(side.sum()) * voxel_ml for side in (evidence.lungs.right, evidence.lungs.left)
    )
    if small + large < LEAST_ML:
        return Verdict(Outcome.REFUSED, small + large, LEAST_ML, "the lungs hold too little air")
    if small < LEAST_SHARE * large:
        reason = "one lung is much smaller than the other"
        return Verdict(Outcome.WARNING, small / large, LEAST_SHARE, reason)
    return Verdict(Outcome.OK, small + large, LEAST_ML)
