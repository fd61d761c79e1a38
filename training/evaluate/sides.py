"""Would the scores be better with the sides exchanged? Then right and left are swapped."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.evaluate.metrics import intersection_over_union

Mask = npt.NDArray[np.bool_]
OTHER = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True)
class Sides:
    """Mean IoU of the classes that have a side: as they are named, and with sides exchanged."""

    as_named: float
    exchanged: float

    @property
    def are_swapped(self) -> bool:
        """Whether what is called right lies where the left one is, and the other way round."""
        return self.exchanged > self.as_named


def other_side(key: str) -> str | None:
    """`clavicle_right` for `clavicle_left`; None for a structure without a side."""
    words = key.split("_")
    turned = "_".join(OTHER.get(word, word) for word in words)
    return None if turned == key else turned


def compare_sides(found: Mapping[str, Mask], truth: Mapping[str, Mask]) -> Sides | None:
    """Over paired classes whose truth is on both sides and of which something was found."""
    keys = [key for key in truth if _is_paired(key, found, truth)]
    if not keys:
        return None
    named = [intersection_over_union(found[key], truth[key]) for key in keys]
    exchanged = [intersection_over_union(found[key], truth[other_side(key) or ""]) for key in keys]
    return Sides(float(np.mean(named)), float(np.mean(exchanged)))


def _is_paired(key: str, found: Mapping[str, Mask], truth: Mapping[str, Mask]) -> bool:
    other = other_side(key)
    if other is None or other not in truth or key not in found or other not in found:
        return False
    return bool(truth[key].any() and truth[other].any() and (found[key] | found[other]).any())
