"""Class ids of the ensemble to a labelled volume: ribs in two parts, aorta in three, all layers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from training.channels import Layer, number_of, with_wholes
from training.ingest.volume import Volume
from training.label.derive.layers import derive_layers
from training.label.derive.rib_codes import PAIRS, rib_keys
from training.label.derive.totalsegmentator import AORTA, FIRST_RIB, IDS, from_totalsegmentator
from training.label.labelled import LabelledVolume, Labels
from training.label.rules import Rules
from training.label.total_ids import (
    ATRIAL_APPENDAGE,
    LEFT_LOBES,
    LEFT_LUNG,
    RIGHT_LOBES,
    RIGHT_LUNG,
)

WHOLE_LUNGS = {
    "left_lung": (LEFT_LUNG, LEFT_LOBES),
    "right_lung": (RIGHT_LUNG, RIGHT_LOBES),
}
AORTIC_PARTS = ("ascending_aorta", "aortic_arch", "descending_aorta")
MINOR = frozenset({ATRIAL_APPENDAGE})  # a part of the heart that says nothing about the rest


@dataclass(frozen=True, slots=True)
class Layered:
    """The labelled volume, and for each derived key that is unknown the reason."""

    volume: LabelledVolume
    unknown: Mapping[str, str]


def layered(labels: Labels, known: frozenset[int], volume: Volume, rules: Rules) -> Layered:
    """Return all layers of `labels` (class ids, and whole lungs), of which `known` are trusted."""
    organs = from_totalsegmentator(labels, volume.spacing_mm)
    numbers = organs.labels
    for key, (whole, _) in WHOLE_LUNGS.items():
        numbers = np.where(labels == whole, number_of(key), numbers).astype(np.uint8)
    keys = known_keys(known) - organs.unknown.keys()
    derived = derive_layers(numbers, keys, rules.body, volume.hu, volume.spacing_mm)
    layers = {
        Layer.ORGANS: numbers,
        Layer.MEDIASTINUM: derived.mediastinum,
        Layer.REGIONS: derived.regions,
    }
    trusted = with_wholes(keys | derived.known)
    return Layered(LabelledVolume(layers, trusted), {**organs.unknown, **derived.unknown})


def known_keys(ids: frozenset[int]) -> frozenset[str]:
    """Return the keys of the ORGANS layer that the known class ids vouch for."""
    keys = {key for key, members in IDS.items() if ids & set(members) - MINOR}
    for side, first in FIRST_RIB.items():
        for rib in range(1, PAIRS + 1):
            keys |= set(rib_keys(rib, side)) if first + rib - 1 in ids else set()
    keys |= {"aorta", *AORTIC_PARTS} if AORTA in ids else set()
    for key, (whole, lobes) in WHOLE_LUNGS.items():
        keys |= {key} if whole in ids or ids >= set(lobes) else set()
    return frozenset(keys)
