"""How sure the network is of what it drew: the trait that tells a chest from anything else."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.inference.manifest import LabelEntry

COIN_TOSS = 0.5
"""What a structure counts that was not found: the network was no surer than that."""


def certainty(probabilities: NDArray[np.float32], labels: Sequence[LabelEntry]) -> float:
    """Return the mean over all structures of the mean probability inside each, 0.5 to 1.

    probabilities: float32 (channels, size, size) on the model grid; labels[i] belongs to channel i.
    """
    return float(
        np.mean([_of(plane, label) for plane, label in zip(probabilities, labels, strict=True)])
    )


def _of(plane: NDArray[np.float32], label: LabelEntry) -> float:
    inside = plane[plane >= label.threshold]
    return (
        float(inside.mean())
        if inside.size > label.minimum_area_fraction * plane.size
        else COIN_TOSS
    )
