"""Lungs, airway, body and bone from HU and geometry alone: no learnt model, no atlas.

All arrays are (z, y, x) with z to the head, y to the back, x to the patient's left.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.ingest.volume import Volume
from training.label.airway import Airway, find_airway
from training.label.labelled import Mask
from training.label.lungs import LUNG_HU, RulesFailed, close_lung, find_lungs

__all__ = ["LUNG_HU", "Rules", "RulesFailed", "apply_rules", "find_body", "voxels"]

BODY_HU = -400
BONE_HU = 180
SMALLEST_BONE_MM3 = 200.0
MARROW_HU = 50


@dataclass(frozen=True, slots=True)
class Rules:
    """What the rules found; `carina` is the slice (z) where the trachea forks, where it was seen.

    `trachea` holds the main bronchi too; `upper_airway` is larynx and pharynx.
    """

    body: Mask
    right_lung: Mask
    left_lung: Mask
    trachea: Mask
    upper_airway: Mask
    bone: Mask
    carina: int | None

    @property
    def lungs(self) -> Mask:
        """Both lungs."""
        return self.right_lung | self.left_lung


def apply_rules(volume: Volume) -> Rules:
    """Find body, lungs, airway and bone, or raise `RulesFailed`."""
    body = find_body(volume)
    airway = find_airway(volume, body)
    right, left = _closed(volume, body, airway)
    bone = find_bone(volume, body)
    trachea = airway.trachea & ~right & ~left
    return Rules(body, right, left, trachea, airway.above, bone, airway.carina)


def _closed(volume: Volume, body: Mask, airway: Airway) -> tuple[Mask, Mask]:
    """Both lungs with their vessels, without the airway and apart from each other."""
    tubes = airway.trachea | airway.above
    reach = voxels(6.0, volume)
    right, left = (close_lung(s, reach) & ~tubes for s in find_lungs(volume, body, tubes))
    return right & ~left, left & ~right


def voxels(millimetres: float, volume: Volume) -> int:
    """A distance as a number of voxels, at least one."""
    return max(1, round(millimetres / volume.spacing_mm[0]))


def find_body(volume: Volume) -> Mask:
    """The patient without couch or clothes, lungs filled: the largest opened component."""
    reach = voxels(4.5, volume)
    body = largest_component(ndimage.binary_opening(volume.hu > BODY_HU, iterations=reach))
    # Small gaps are closed first, so that a lung behind a thin wall still counts as inside.
    closed = (ndimage.binary_closing(cut, iterations=reach) | cut for cut in body)
    return np.stack([ndimage.binary_fill_holes(cut) for cut in closed])


def find_bone(volume: Volume, body: Mask) -> Mask:
    """Voxels as dense as bone, marrow filled; bright contrast is still among them."""
    dense = _without_small(
        (volume.hu > BONE_HU) & body, SMALLEST_BONE_MM3 / volume.spacing_mm[0] ** 3
    )
    closed = ndimage.binary_closing(dense, iterations=voxels(3.0, volume))
    filled = np.stack([ndimage.binary_fill_holes(cut) for cut in closed])
    return np.asarray(filled & (volume.hu > MARROW_HU))


def largest_component(mask: Mask) -> Mask:
    """The largest 6-connected component."""
    labels, sizes = _components(mask)
    return np.asarray(labels == int(np.argmax(sizes)) + 1)


def _components(mask: Mask) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    labels, _ = ndimage.label(mask)
    return labels, np.bincount(labels.ravel())[1:]


def _without_small(mask: Mask, fewest: float) -> Mask:
    labels, sizes = _components(mask)
    keep = np.concatenate([[False], sizes >= fewest])
    return np.asarray(keep[labels])
