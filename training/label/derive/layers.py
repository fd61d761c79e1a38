"""All layers of a labelled volume from its organs: what is derived is derived once, here."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.label.derive.airway import bifurcation
from training.label.derive.breasts import breasts
from training.label.derive.derived import Derived, Spacing, mask_of
from training.label.derive.diaphragm import KEYS as DOMES
from training.label.derive.diaphragm import hemidiaphragms
from training.label.derive.mediastinum import mediastinum
from training.label.labelled import Labels, Mask

NEEDS = {
    "tracheal_bifurcation": ("trachea",),
    "right_hemidiaphragm": ("right_lung", "left_lung", "heart"),
    "left_hemidiaphragm": ("right_lung", "left_lung", "heart"),
    "upper_mediastinum": ("right_lung", "left_lung", "heart", "vertebra_t4"),
    "anterior_mediastinum": ("right_lung", "left_lung", "heart", "vertebra_t4"),
    "middle_mediastinum": ("right_lung", "left_lung", "heart", "vertebra_t4", "trachea"),
    "posterior_mediastinum": ("right_lung", "left_lung", "heart", "vertebra_t4", "trachea"),
    "breast_right": ("right_lung", "left_lung", "sternum"),
    "breast_left": ("right_lung", "left_lung", "sternum"),
}
"""A derived key is known only where what it is made from is known."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers that follow from the organs, uint8 (z, y, x), and the keys they make known.

    `unknown` gives the reason for each derived key that is not known.
    """

    mediastinum: Labels
    regions: Labels
    known: frozenset[str]
    unknown: Mapping[str, str]


def derive_layers(
    organs: Labels,
    known: frozenset[str],
    body: Mask,
    hu: npt.NDArray[np.int16],
    spacing_mm: Spacing,
) -> Layers:
    """Return mediastinum and regions; `organs`, `body` and `hu` are (z, y, x), `known` theirs."""
    domes = hemidiaphragms(organs, body, spacing_mm)
    below = mask_of(domes.labels, *DOMES)
    parts = mediastinum(organs, below, spacing_mm)
    fork = bifurcation(mask_of(organs, "trachea"), spacing_mm)
    chest = breasts(organs, body, hu, spacing_mm)
    regions = domes.onto(chest.onto(fork.onto(np.zeros_like(organs))))
    found = (domes, parts, fork, chest)
    return Layers(parts.labels, regions, *_known(found, known))


def _known(
    found: tuple[Derived, ...], known: frozenset[str]
) -> tuple[frozenset[str], dict[str, str]]:
    unknown = {key: reason for one in found for key, reason in one.unknown.items()}
    for one in found:
        for key in one.known:
            missing = [need for need in NEEDS[key] if need not in known]
            if missing:
                unknown[key] = f"made from {', '.join(missing)}, not known here"
    every = {key for one in found for key in one.known}
    return frozenset(every - unknown.keys()), unknown
