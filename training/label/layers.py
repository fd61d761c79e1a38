"""Class ids of the ensemble to a labelled volume: ribs in two parts, aorta in three, all layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from service.anatomy.structures import structures_by_key
from training.channels import Layer, number_of, with_wholes
from training.ingest.volume import Volume
from training.label.derive.layers import derive_layers
from training.label.derive.levels import VERTEBRAE
from training.label.derive.rib_codes import PAIRS, rib_keys
from training.label.derive.totalsegmentator import AORTA, FIRST_RIB, IDS, from_totalsegmentator
from training.label.filters.filters import Filters
from training.label.filters.judge import Verdict
from training.label.labelled import LabelledVolume, Labels
from training.label.refine.refined import Refined
from training.label.refine.rules import refine
from training.label.rules import Rules
from training.label.total_ids import (
    ATRIAL_APPENDAGE,
    CARTILAGES,
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
    """The labelled volume, for each key that is not known any more the reason, and what changed.

    `filtered` are those among the reasons that a shape filter gave, `refused` why the filters
    refuse the whole volume, None where they do not.
    """

    volume: LabelledVolume
    unknown: Mapping[str, str]
    notes: Sequence[str]
    filtered: Mapping[str, str]
    refused: str | None


def layered(
    labels: Labels,
    known: frozenset[int],
    volume: Volume,
    rules: Rules,
    filters: Filters | None = None,
) -> Layered:
    """Return all layers of `labels` (class ids, and whole lungs), of which `known` are trusted.

    Without `filters`, organs of any size and shape are believed.
    """
    organs = from_totalsegmentator(labels, volume.spacing_mm)
    numbers = organs.labels
    for key, (whole, _) in WHOLE_LUNGS.items():
        numbers = np.where(labels == whole, number_of(key), numbers).astype(np.uint8)
    keys = known_keys(known) - organs.unknown.keys()
    # Without a spine nothing is counted, and sides are the volume's own.
    counted = not keys.isdisjoint(VERTEBRAE)
    refined = refine(numbers, keys, volume.spacing_mm) if counted else Refined(numbers)
    keys -= refined.unknown.keys()
    verdict = Verdict({}, None, {})
    if filters is not None:
        verdict = filters.judged(refined.organs, keys, rules.body, volume.spacing_mm)
    judged, keys = keys, keys - verdict.unknown.keys()
    derived = derive_layers(refined.organs, keys, rules.body, volume.hu, volume.spacing_mm)
    layers = {
        Layer.ORGANS: refined.organs,
        Layer.MEDIASTINUM: derived.mediastinum,
        Layer.REGIONS: derived.regions,
    }
    # A rib that two ribs became is rib all the same: the whole stays known.
    trusted = with_wholes(judged | derived.known) - verdict.unknown.keys()
    unknown = {**organs.unknown, **refined.unknown, **verdict.unknown, **derived.unknown}
    found = LabelledVolume(layers, trusted)
    return Layered(found, unknown, refined.notes, verdict.unknown, verdict.refused)


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


def ids_of(labels: LabelledVolume) -> Labels:
    """Return class ids (z, y, x) of a labelled volume's organs; what they have no id for is 0."""
    table = np.zeros(256, np.uint8)
    for key, members in IDS.items():
        table[number_of(key)] = members[0]
    for side, first in FIRST_RIB.items():
        for rib in range(1, PAIRS + 1):
            for key in rib_keys(rib, side):
                table[number_of(key)] = first + rib - 1
    for key in ("aorta", *AORTIC_PARTS):
        table[number_of(key)] = AORTA
    table[number_of("rib_cartilage")] = CARTILAGES[-1]
    unknown = [
        structure.number
        for key, structure in structures_by_key().items()
        if key not in labels.known
    ]
    table[[n for n in unknown if n < len(table)]] = 0
    return np.asarray(table[labels.layers[Layer.ORGANS]], np.uint8)
