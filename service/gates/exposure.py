"""Did anything stand in the beam? An empty or flat exposure has noise, but no shapes.

Score: standard deviation of block means, of the picture scaled to 0-1 as the model sees it. Noise
averages out inside a block, anatomy does not; a picture of one value has none at all.
"""

import numpy as np
from numpy.typing import NDArray

from service.domain.gate import Gate
from service.domain.measurement import QualityCheck
from service.gates.evidence import Evidence
from service.gates.registry import question
from service.gates.scored import failed, passed

BLOCKS = 16
"""Blocks along each side."""

REASON = "an empty exposure: the picture shows no shapes"


@question(Gate.EXPOSURE, refusal="empty_exposure")
def ask(evidence: Evidence) -> QualityCheck | None:
    """Fail below the limit: the job ends `skipped`."""
    limit = evidence.limits.get(Gate.EXPOSURE)
    if limit is None:
        return None
    score = block_contrast(evidence.content)
    if score < limit:
        return failed(Gate.EXPOSURE, REASON, score, limit)
    return passed(Gate.EXPOSURE, score, limit)


def block_contrast(content: NDArray[np.float32]) -> float:
    """Return the standard deviation of the means of `BLOCKS` x `BLOCKS` blocks."""
    bands = np.array_split(content, min(BLOCKS, content.shape[0]))
    count = min(BLOCKS, content.shape[1])
    means = [part.mean() for band in bands for part in np.array_split(band, count, axis=1)]
    return float(np.std(means))
