"""`label`: structures for every ingested volume, with what is not known left out by name."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.channels import Structure as S  # noqa: N817 - named often
from training.ingest.volume import Volume
from training.label.atlas import carry_labels
from training.label.derived import (
    below_diaphragm,
    between_lungs,
    chest_outline,
    diaphragm_height,
    right_half,
)
from training.label.labelled import LabelledVolume
from training.label.picture import write_picture
from training.label.rules import Rules, RulesFailed, apply_rules, voxels
from training.label.totalsegmentator import from_totalsegmentator
from training.stage import Stage, read_manifest

BONES = (S.CLAVICLE_LEFT, S.CLAVICLE_RIGHT, S.SCAPULA_LEFT, S.SCAPULA_RIGHT, S.SPINE, S.RIBS)
CARRIED_SOFT = (S.HEART, S.AORTA, S.ABDOMINAL_AORTA)
BONE_REACH_VOXELS = 6
RIDGE_MM = 40.0
HEART_NECK_VOXELS = 4  # thinner parts of a heart label are vessels entering it


def label(
    ingested: Path, folder: Path, atlas: str | None, distrust: Mapping[str, Sequence[str]]
) -> Stage:
    """Write `<subject>.npz` (structures, known) and a picture for every ingested volume.

    `atlas` names the labelled subject whose labels are carried to the others (None: rules alone);
    `distrust` names, per subject, structures that a look at the pictures found wrong.
    """
    source = read_manifest(ingested)
    settings = {"atlas": atlas, "distrust": {k: list(v) for k, v in distrust.items()}}
    stage = Stage.open(folder, "label", settings, {"ingest": source["fingerprint"]})
    template = _Template.load(ingested / f"{atlas}.npz") if atlas else None

    def make(name: str) -> dict[str, Any]:
        volume = Volume.load(ingested / f"{name}.npz")
        try:
            found = label_volume(volume, template)
        except RulesFailed as failure:
            return {"failed": str(failure)}
        gone = {S[word.upper()] for word in distrust.get(name, ())}
        trusted = LabelledVolume(found.structures, found.known - gone)
        trusted.save(folder / f"{name}.npz")
        write_picture(folder / f"{name}.png", volume, trusted)
        return {"known": sorted(s.name.lower() for s in trusted.known)}

    stage.each((name for name, item in source["items"].items() if "failed" not in item), make)
    return stage


class _Template:
    """The labelled volume as an atlas: its structures and what the rules see in it."""

    def __init__(self, volume: Volume) -> None:
        self.rules = apply_rules(volume)
        self.structures = label_volume(volume, None).structures

    @classmethod
    def load(cls, path: Path) -> "_Template":
        return cls(Volume.load(path))


def label_volume(volume: Volume, template: _Template | None) -> LabelledVolume:
    """Structures of one volume: its own labels first, then rules, then what the atlas carries."""
    rules = apply_rules(volume)
    ridge = voxels(RIDGE_MM, volume)
    if volume.labels is not None:
        own = from_totalsegmentator(volume.labels)
        return _finish(own, rules, frozenset(S) - {S.NONE}, ridge)
    structures = np.zeros(volume.hu.shape, np.uint8)
    structures[rules.trachea] = S.TRACHEA
    known = {S.RIGHT_LUNG, S.LEFT_LUNG, S.TRACHEA, S.BELOW_LEFT_DOME, S.BELOW_RIGHT_DOME}
    if template is not None:
        carried = carry_labels(template.structures, template.rules, rules, volume.spacing_mm[0])
        structures = _with_atlas(structures, carried, rules)
        known |= {*BONES, *CARRIED_SOFT}
    structures[rules.right_lung], structures[rules.left_lung] = S.RIGHT_LUNG, S.LEFT_LUNG
    return _finish(structures, rules, frozenset(known), ridge)


def _with_atlas(
    structures: npt.NDArray[np.uint8], carried: npt.NDArray[np.uint8], rules: Rules
) -> npt.NDArray[np.uint8]:
    """Heart and aorta as carried, outside lungs and airway; bone takes the nearest carried bone."""
    heart_or_aorta = np.isin(carried, CARRIED_SOFT) & rules.body & ~rules.trachea
    filled = np.where(heart_or_aorta, carried, structures)
    is_bone = np.isin(carried, BONES)
    bones, distance = _nearest(np.where(is_bone, carried, 0))
    reached = rules.bone & (distance <= BONE_REACH_VOXELS)
    inside = is_bone & ndimage.binary_dilation(rules.bone, iterations=1)
    return np.where((reached | inside) & ~heart_or_aorta, bones, filled).astype(np.uint8)


def _nearest(
    labels: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    distance, index = ndimage.distance_transform_edt(labels == 0, return_indices=True)
    return labels[tuple(index)], distance


def _finish(
    structures: npt.NDArray[np.uint8], rules: Rules, known: frozenset[S], ridge: int
) -> LabelledVolume:
    """Add what is derived: below the domes, abdominal aorta, mediastinum between the lungs."""
    heart = structures == S.HEART
    structures[heart & ~ndimage.binary_opening(heart, iterations=HEART_NECK_VOXELS)] = S.NONE
    right, left = structures == S.RIGHT_LUNG, structures == S.LEFT_LUNG
    height = diaphragm_height(right | left, structures == S.HEART, ridge)
    below = below_diaphragm(height, len(structures))
    structures[below & (structures == S.AORTA)] = S.ABDOMINAL_AORTA
    abdomen = below & rules.body & chest_outline(right | left)[None] & (structures == S.NONE)
    is_right = right_half(right, left)[None, None]
    structures[abdomen & is_right] = S.BELOW_RIGHT_DOME
    structures[abdomen & ~is_right] = S.BELOW_LEFT_DOME
    middle = between_lungs(right, left, below | rules.bone)
    structures[middle & (structures == S.NONE)] = S.MEDIASTINUM_REST
    return LabelledVolume(structures, known | {S.MEDIASTINUM_REST})
