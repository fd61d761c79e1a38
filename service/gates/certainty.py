"""How sure the network is of what it drew: the trait that tells a chest from anything else."""

from collections.abc import Collection, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from service.inference.manifest import LabelEntry

IN_EVERY_CHEST = frozenset({
    "right_lung", "left_lung", "right_lung_field", "left_lung_field", "heart", "cardiomediastinum",
    "trachea", "aorta", "clavicle_left", "clavicle_right", "scapula_left", "scapula_right",
    "spine", "ribs", "left_hemidiaphragm", "right_hemidiaphragm",
})  # fmt: skip
"""A model of a hundred structures does not find the tenth rib on every film, nor should it."""
COIN_TOSS = 0.5
"""What a structure counts that was not found: the network was no surer than that."""


def certainty(
    probabilities: NDArray[np.float32],
    labels: Sequence[LabelEntry],
    structures: Literal["all"] | Collection[str] = (),
) -> float:
    """Return the mean over what every chest shows of the mean probability inside each, 0.5 to 1.

    Over all structures where a model has none of those. probabilities: float32 (channels, size,
    size) on the model grid; labels[i] belongs to channel i. structures: what the package names
    instead, since its limit was found with them.
    """
    drawn = list(zip(probabilities, labels, strict=True))
    wanted = () if structures == "all" else structures or IN_EVERY_CHEST
    asked = [pair for pair in drawn if pair[1].key in wanted]
    return float(np.mean([_of(plane, label) for plane, label in asked or drawn]))


def _of(plane: NDArray[np.float32], label: LabelEntry) -> float:
    inside = plane[plane >= label.threshold]
    return (
        float(inside.mean())
        if inside.size > label.minimum_area_fraction * plane.size
        else COIN_TOSS
    )
