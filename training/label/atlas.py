"""Labels of one volume carried to another: registered, then fitted to what the target shows.

Bone found by threshold takes the nearest carried bone, aerated lung the nearest carried lobe of its
side, and soft organs stay out of lungs, airway, bone and, for the heart, fat.

Label maps hold TotalSegmentator v2 ids, uint8 (z, y, x).
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from training.ingest.volume import Volume
from training.label.bones import fitted_bones
from training.label.heart import fitted_heart
from training.label.labelled import Labels, Mask
from training.label.registration import FINE_MM, SETTINGS, Chest, Warp, register
from training.label.rules import Rules, apply_rules
from training.label.spacing import THORACIC, uneven
from training.label.total_ids import (
    BONES,
    CARTILAGES,
    HEART,
    LEFT_LOBES,
    LOBES,
    RIGHT_LOBES,
    TRACHEA,
)

CARTILAGE_HU = 30
WHOLLY_COVERED = 0.97
SOFT_HU = -150  # contrast medium has no upper limit
HOLLOW = (6, 18, 19, 20)  # stomach, small bowel, duodenum, colon hold gas


@dataclass(frozen=True, slots=True)
class Atlas:
    """A labelled volume: what it is compared by, its labels, and the ids that were looked for."""

    chest: Chest
    labels: Labels
    known: frozenset[int]
    spacing_mm: float

    @classmethod
    def of(cls, volume: Volume, known: frozenset[int]) -> "Atlas":
        """From a volume with labels; raises `RulesFailed` when it is no chest."""
        if volume.labels is None:
            raise ValueError("an atlas needs labels")
        rules = apply_rules(volume)
        bone = np.isin(volume.labels, BONES)
        return cls(Chest.of(volume, rules, bone), volume.labels, known, volume.spacing_mm[0])


@dataclass(frozen=True, slots=True)
class Carried:
    """Labels on another volume's grid, not fitted to it yet.

    `difference` is what remained between the pictures; `covered` the share of the body's middle
    third that lies inside the atlas at all; `unevenness` how jerkily the vertebrae follow each
    other (`training.label.spacing.uneven`).
    """

    labels: Labels
    difference: float
    covered: float
    unevenness: float

    def knows(self, atlas: Atlas) -> frozenset[int]:
        """Return what may be said about the volume from the atlas.

        A class that the atlas does not show may lie where the atlas ends.
        """
        if self.covered >= WHOLLY_COVERED:
            return atlas.known
        return atlas.known & frozenset(int(i) for i in np.unique(atlas.labels))


def carry_labels(atlas: Atlas, volume: Volume, rules: Rules) -> Carried:
    """Register the atlas onto the volume and carry its labels over."""
    chest = Chest.of(volume, rules)
    every = max(1, round(FINE_MM / atlas.spacing_mm))
    spine = np.where(np.isin(atlas.labels, THORACIC), atlas.labels, 0)[::every, ::every, ::every]

    def unevenness(warp: Warp) -> float:
        shape = chest.picture.shape[2:]
        return uneven(warp.carry(spine, shape, FINE_MM), spine)

    warp = register(chest, atlas.chest, unevenness)
    # One up, so that 0 is where the atlas says nothing.
    found = warp.carry(atlas.labels + 1, volume.hu.shape, volume.spacing_mm[0])
    third = found.shape[2] // 3
    middle = found[:, :, third:-third][rules.body[:, :, third:-third]]
    covered = float((middle > 0).mean()) if middle.size else 0.0
    labels = np.where(found > 0, found - 1, 0).astype(np.uint8)
    return Carried(labels, warp.difference, covered, unevenness(warp))


def key_of(atlas: Atlas, volume: Volume, rules: Rules) -> str:
    """Return a hash of both pictures, the labels and how they are registered."""
    text = hashlib.sha256(repr(SETTINGS).encode())
    for array in (atlas.labels, atlas.chest.picture.numpy(), Chest.of(volume, rules).picture):
        text.update(np.ascontiguousarray(array).tobytes())
    return text.hexdigest()[:16]


def fit_labels(raw: Labels, volume: Volume, rules: Rules) -> Labels:
    """Carried labels moved onto the borders that the volume itself shows."""
    bones = fitted_bones(raw, volume, rules)
    free = rules.body & ~rules.lungs & ~rules.trachea & ~rules.upper_airway & (bones == 0)
    soft = np.where(free & _is_soft(raw, volume), raw, 0).astype(np.uint8)
    soft = fitted_heart(soft, volume, rules.lungs, free)
    fitted = np.where(bones > 0, bones, soft)
    fitted[rules.trachea] = TRACHEA
    fitted[rules.left_lung] = _nearest(raw, LEFT_LOBES, rules.left_lung)
    fitted[rules.right_lung] = _nearest(raw, RIGHT_LOBES, rules.right_lung)
    return np.asarray(fitted, np.uint8)


def _is_soft(raw: Labels, volume: Volume) -> Mask:
    """Carried voxels of soft organs whose HU allow it; cartilage is denser than fat."""
    cartilage = np.isin(raw, CARTILAGES)
    organ = ~np.isin(raw, (*BONES, *LOBES, *CARTILAGES, TRACHEA, 0))
    plausible = (volume.hu > SOFT_HU) | np.isin(raw, (HEART, *HOLLOW))
    return np.asarray((organ & plausible) | (cartilage & (volume.hu > CARTILAGE_HU)))


def _nearest(raw: Labels, wanted: tuple[int, ...], where: Mask) -> Labels:
    """For each voxel of `where`, in array order, the nearest of the wanted labels (0: none)."""
    chosen = np.where(np.isin(raw, wanted), raw, 0)
    if not chosen.any():
        return np.zeros(int(where.sum()), np.uint8)
    index = ndimage.distance_transform_edt(chosen == 0, return_distances=False, return_indices=True)
    return np.asarray(chosen[tuple(index)][where], np.uint8)
