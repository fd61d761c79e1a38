"""Whether there is contrast medium in the heart.

Unenhanced blood has 30 to 60 HU. Enhanced blood passes thresholds for bone and makes the heart of a
projection too dense: a warning, and a fact for the data card.
"""

import numpy as np
import numpy.typing as npt

from training.ingest.chest import Lungs
from training.ingest.gate import GATES, Evidence, Outcome, Verdict, unanswered

WARN_HU = 90.0
BLOOD_HU = (0, 600)
FEWEST_VOXELS = 50


@GATES.register("contrast")
def contrast(evidence: Evidence) -> Verdict:
    """Score: the upper quartile of HU between the front halves of the lungs, below their middle."""
    if evidence.lungs is None:
        return unanswered()
    values = _heart_values(evidence, evidence.lungs)
    if len(values) < FEWEST_VOXELS:
        return unanswered("no soft tissue between the lungs")
    score = float(np.percentile(values, 75))
    if score <= WARN_HU:
        return Verdict(Outcome.OK, score, WARN_HU)
    return Verdict(Outcome.WARNING, score, WARN_HU, "contrast medium in the heart")


def _heart_values(evidence: Evidence, lungs: Lungs) -> npt.NDArray[np.int16]:
    """Soft tissue where the heart lies: without sternum in front and spine behind."""
    heights = np.flatnonzero(lungs.both.any(axis=(1, 2)))
    depths = np.flatnonzero(lungs.both.any(axis=(0, 2)))
    low, high = np.quantile(heights, [0.25, 0.5]).astype(int)
    front, back = np.quantile(depths, [0.25, 0.55]).astype(int)
    sides = [np.nonzero(side[low:high, front:back])[2] for side in (lungs.right, lungs.left)]
    if not all(side.size for side in sides):
        return np.empty(0, np.int16)
    right, left = (int(np.median(side)) for side in sides)
    box = (slice(low, high), slice(front, back), slice(right, left))
    values = evidence.volume.hu[box][~lungs.both[box]]
    return values[(values > BLOOD_HU[0]) & (values < BLOOD_HU[1])]
