"""Whether carried vertebrae follow each other as evenly as those they were carried from."""

import numpy as np
import numpy.typing as npt

from training.label.labelled import Labels
from training.label.total_ids import L1, T1

THORACIC = tuple(range(L1, T1 + 2))  # with C7: a first rib that slipped shows there
FEWEST_VOXELS = 20
FEWEST = 4


def uneven(carried: Labels, source: Labels) -> float:
    """Return how much the ratio of spacings, carried to source, changes from one to the next.

    The standard deviation of the steps of its logarithm, T1 to L1. A spine that is longer or
    shorter throughout is even. Where a registration slipped by one vertebra, two carried ones share
    the height of one and two others stretch over three. Too few vertebrae to say is 0.
    """
    ratio = np.log(_spacings(carried) / _spacings(source))
    steps = np.diff(ratio)
    steps = steps[np.isfinite(steps)]
    return float(steps.std()) if len(steps) >= FEWEST else 0.0


def _spacings(labels: Labels) -> npt.NDArray[np.float64]:
    """Distances between the middles of neighbours from T1 down, nan where one is missing."""
    middles = np.full((len(THORACIC), 3), np.nan)
    for place, label in enumerate(reversed(THORACIC)):
        points = np.argwhere(labels == label)
        if len(points) >= FEWEST_VOXELS:
            middles[place] = points.mean(0)
    return np.asarray(np.linalg.norm(np.diff(middles, axis=0), axis=1))
