"""`label`: structures for every ingested volume, with what is not known left out by name."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.channels import CHANNELS, Layer, number_of, with_wholes
from training.executors.port import Executor
from training.ingest.volume import Volume
from training.label.atlas import carry_labels
from training.label.derived import (
    below_diaphragm,
    between_lungs,
    chest_outline,
    diaphragm_height,
    right_half,
)
from training.label.labelled import LabelledVolume, Labels, Mask
from training.label.picture import write_picture
from training.label.rules import Rules, RulesFailed, apply_rules, voxels
from training.label.totalsegmentator import IDS, from_totalsegmentator
from training.stage import Stage, read_manifest

_PARTS = {channel.key: channel.parts for channel in CHANNELS}
BONES = (
    *("clavicle_left", "clavicle_right", "scapula_left", "scapula_right"),
    *_PARTS["spine"],
    *_PARTS["ribs"],
)
CARRIED_SOFT = ("heart", "aorta")
CARRIED = ("clavicle_left", "clavicle_right", "scapula_left", "scapula_right", "spine", "ribs")
RIGHT_LUNG, LEFT_LUNG = _PARTS["right_lung"], _PARTS["left_lung"]
BONE_REACH_VOXELS = 6
RIDGE_MM = 40.0
# A rib is one piece until it is split, so its parts cannot be told.
UNSPLIT = frozenset(key for key in _PARTS["ribs"] if key.startswith("posterior"))
HEART_NECK_VOXELS = 4  # thinner parts of a heart label are vessels entering it


def label(
    ingested: Path,
    folder: Path,
    atlas: str | None,
    distrust: Mapping[str, Sequence[str]],
    executor: Executor | None = None,
) -> Stage:
    """Write `<subject>.npz` (structures, known) and a picture for every ingested volume.

    `atlas` names the labelled subject whose labels are carried to the others (None: rules alone);
    `distrust` names, per subject, structures that a look at the pictures found wrong.
    """
    source = read_manifest(ingested)
    settings = {"atlas": atlas, "distrust": {k: list(v) for k, v in distrust.items()}}
    template_key = {"atlas": source["items"][atlas]["key"]} if atlas else {}
    stage = Stage.open(folder, "label", settings, template_key, source["items"])
    template = _Template.load(ingested / f"{atlas}.npz") if atlas else None

    def make(name: str) -> dict[str, Any]:
        volume = Volume.load(ingested / f"{name}.npz")
        try:
            found = label_volume(volume, template)
        except RulesFailed as failure:
            return {"failed": str(failure)}
        gone = frozenset(distrust.get(name, ()))
        trusted = LabelledVolume(found.layers, found.known - gone)
        trusted.save(folder / f"{name}.npz")
        write_picture(folder / f"{name}.png", volume, trusted)
        return {"known": sorted(trusted.known)}

    stage.each(
        (name for name, item in source["items"].items() if "failed" not in item), make, executor
    )
    return stage


class _Template:
    """The labelled volume as an atlas: its structures and what the rules see in it."""

    def __init__(self, volume: Volume) -> None:
        self.rules = apply_rules(volume)
        self.organs = label_volume(volume, None).layers[Layer.ORGANS]

    @classmethod
    def load(cls, path: Path) -> "_Template":
        return cls(Volume.load(path))


def label_volume(volume: Volume, template: _Template | None) -> LabelledVolume:
    """Structures of one volume: its own labels first, then rules, then what the atlas carries."""
    rules = apply_rules(volume)
    ridge = voxels(RIDGE_MM, volume)
    if volume.labels is not None:
        own = from_totalsegmentator(volume.labels)
        return _finish(own, rules, {*IDS, "ribs", "spine"} - UNSPLIT, ridge)
    organs = np.zeros(volume.hu.shape, np.uint8)
    organs[rules.trachea] = number_of("trachea")
    known = {"right_lung", "left_lung", "trachea"}
    if template is not None:
        carried = carry_labels(template.organs, template.rules, rules, volume.spacing_mm[0])
        organs = _with_atlas(organs, carried, rules)
        known |= {*CARRIED, *CARRIED_SOFT}
    organs[rules.right_lung], organs[rules.left_lung] = (
        number_of("right_lung"),
        number_of("left_lung"),
    )
    return _finish(organs, rules, known, ridge)


def _with_atlas(organs: Labels, carried: Labels, rules: Rules) -> Labels:
    """Heart and aorta as carried, outside lungs and airway; bone takes the nearest carried bone."""
    heart_or_aorta = _holds(carried, CARRIED_SOFT) & rules.body & ~rules.trachea
    filled = np.where(heart_or_aorta, carried, organs)
    is_bone = _holds(carried, BONES)
    bones, distance = _nearest(np.where(is_bone, carried, 0))
    reached = rules.bone & (distance <= BONE_REACH_VOXELS)
    inside = is_bone & ndimage.binary_dilation(rules.bone, iterations=1)
    return np.where((reached | inside) & ~heart_or_aorta, bones, filled).astype(np.uint8)


def _holds(labels: Labels, keys: Sequence[str]) -> Mask:
    return np.isin(labels, [number_of(key) for key in keys])


def _nearest(labels: Labels) -> tuple[Labels, npt.NDArray[np.float64]]:
    distance, index = ndimage.distance_transform_edt(labels == 0, return_indices=True)
    return labels[tuple(index)], distance


def _finish(organs: Labels, rules: Rules, known: Collection[str], ridge: int) -> LabelledVolume:
    """Add what is derived: below the domes, and the mediastinum between the lungs."""
    heart = organs == number_of("heart")
    organs[heart & ~ndimage.binary_opening(heart, iterations=HEART_NECK_VOXELS)] = 0
    right, left = _holds(organs, RIGHT_LUNG), _holds(organs, LEFT_LUNG)
    heart = organs == number_of("heart")
    below = below_diaphragm(diaphragm_height(right | left, heart, ridge), len(organs))
    layers = {
        Layer.ORGANS: organs,
        Layer.MEDIASTINUM: _mediastinum(organs, right, left, heart, below | rules.bone),
        Layer.REGIONS: _below_domes(rules.body, right, left, below),
    }
    derived = {"cardiomediastinum", "left_hemidiaphragm", "right_hemidiaphragm"}
    return LabelledVolume(layers, with_wholes({*known, *derived}))


def _mediastinum(organs: Labels, right: Mask, left: Mask, heart: Mask, excluded: Mask) -> Labels:
    vessels = _holds(organs, (*_PARTS["aorta"], "trachea")) & ~excluded
    middle = between_lungs(right, left, excluded) | heart | vessels
    return np.where(middle, number_of("cardiomediastinum"), 0).astype(np.uint8)


def _below_domes(body: Mask, right: Mask, left: Mask, below: Mask) -> Labels:
    """The trunk below each dome, inside the outline of the chest."""
    regions = np.zeros(body.shape, np.uint8)
    trunk = below & body & chest_outline(right | left)[None]
    is_right = right_half(right, left)[None, None]
    regions[trunk & is_right] = number_of("right_hemidiaphragm")
    regions[trunk & ~is_right] = number_of("left_hemidiaphragm")
    return regions
