"""Right and left lung from the body's air: gas left out, touching lungs parted, vessels filled.

All arrays are (z, y, x) with z to the head, y to the back, x to the patient's left.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.ingest.volume import Volume
from training.label.labelled import Mask

LUNG_HU = -450
SMALLEST_ML = 50.0  # smaller pockets of air are bowel, skin folds, noise
SMALLEST_LUNG_ML = 100.0  # a lung with most of its lobes gone
SMALLEST_SHARE = 0.1  # of the other lung
GAS_HU = -955  # mean over GAS_MM; aerated lung holds vessels and stays above
GAS_MM = 7.5
GAS_SHARE = 0.1  # of a pocket whose inside is gas
PARTING_VOXELS = (0, 1, 2, 4, 6)
ML = 1000.0  # mm3


class RulesFailed(ValueError):
    """The volume does not look like a chest to the rules; the message says what is missing."""


def find_lungs(volume: Volume, body: Mask, airway: Mask) -> tuple[Mask, Mask]:
    """(right, left) aerated lung, or `RulesFailed`. `airway` is no lung, nor is gas elsewhere."""
    voxel_ml = float(np.prod(volume.spacing_mm)) / ML
    wall = ndimage.binary_dilation(airway, iterations=max(1, round(3.0 / volume.spacing_mm[0])))
    air = _pockets_of_lung((volume.hu < LUNG_HU) & body & ~wall, volume, voxel_ml)
    return split_lungs(air, voxel_ml)


def _pockets_of_lung(air: Mask, volume: Volume, voxel_ml: float) -> Mask:
    """Components that are large enough and not filled with gas alone."""
    labels, count = ndimage.label(air)
    size = max(3, round(GAS_MM / volume.spacing_mm[0]))
    gas = air & (ndimage.uniform_filter(volume.hu.astype(np.float32), size) < GAS_HU)
    volumes = np.bincount(labels.ravel(), minlength=count + 1) * voxel_ml
    gases = np.bincount(labels[gas], minlength=count + 1) * voxel_ml
    keep = (volumes >= SMALLEST_ML) & (gases < GAS_SHARE * volumes)
    keep[0] = False
    return np.asarray(keep[labels])


def split_lungs(air: Mask, voxel_ml: float) -> tuple[Mask, Mask]:
    """(right, left): erode until two large parts separate, give back by nearness."""
    largest = 0.0
    for iterations in PARTING_VOXELS:
        core = ndimage.binary_erosion(air, iterations=iterations) if iterations else air
        labels, count = ndimage.label(core)
        sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:] * voxel_ml
        order = np.argsort(sizes)[::-1]
        largest = max(largest, float(sizes.max(initial=0.0)))
        if count > 1 and sizes[order[1]] > max(SMALLEST_SHARE * sizes[order[0]], SMALLEST_LUNG_ML):
            return _sides(air, labels, order[:2] + 1)
    raise RulesFailed(
        f"two separate lungs were not found: the largest part of air holds {largest:.0f} ml, "
        f"and no second one of {SMALLEST_LUNG_ML:.0f} ml parts from it"
    )


def _sides(
    air: Mask, labels: npt.NDArray[np.int32], pair: npt.NDArray[np.int64]
) -> tuple[Mask, Mask]:
    core = np.isin(labels, pair)
    nearest = ndimage.distance_transform_edt(~core, return_distances=False, return_indices=True)
    spread = labels[tuple(nearest)]
    centres = [ndimage.center_of_mass(labels == index)[2] for index in pair]
    right, left = (pair[i] for i in np.argsort(centres))
    return air & (spread == right), air & (spread == left)


def close_lung(lung: Mask, iterations: int) -> Mask:
    """Fill vessels: closing in three dimensions, then holes slice by slice."""
    padded = np.pad(lung, iterations)
    closed = ndimage.binary_closing(padded, iterations=iterations)
    inner = closed[tuple(slice(iterations, -iterations) for _ in range(3))]
    return np.stack([ndimage.binary_fill_holes(cut) for cut in inner])
