"""The carried heart fitted to the target: up to the lung's border, without the fat around it."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.ingest.volume import Volume
from training.label.labelled import Mask
from training.label.total_ids import HEART

FAT_HU = -30  # of the smoothed volume; blood and muscle lie above, contrast or not
SMOOTH_MM = 1.5
GAP_MM = 6.0  # between a carried heart and the lung that it is filled up to
NECK_MM = 4.5  # thinner parts of a heart are vessels entering it
BESIDE_LUNG_MM = 4.5


def fitted_heart(
    labels: npt.NDArray[np.uint8], volume: Volume, lungs: Mask, free: Mask
) -> npt.NDArray[np.uint8]:
    """Return the labels with the heart redrawn; `free` is where soft organs may lie at all."""
    voxel_mm = volume.spacing_mm[0]
    heart = labels == HEART
    if not heart.any():
        return labels
    smooth = _smooth_without(volume.hu, lungs, SMOOTH_MM / voxel_mm)
    muscle = (smooth > FAT_HU) & free
    grown = ndimage.binary_dilation(heart, iterations=_voxels(GAP_MM, voxel_mm))
    near_lung = ndimage.binary_dilation(lungs, iterations=_voxels(BESIDE_LUNG_MM, voxel_mm))
    fitted = (heart & muscle) | (grown & muscle & near_lung & (labels == 0))
    fitted = _solid(fitted, _voxels(NECK_MM, voxel_mm)) & free
    result = np.where(heart, 0, labels).astype(np.uint8)
    result[fitted & (result == 0)] = HEART
    return result


def _smooth_without(
    hu: npt.NDArray[np.int16], lungs: Mask, sigma: float
) -> npt.NDArray[np.float32]:
    """Smoothed HU of what is not lung: the lung's air would make fat of the muscle beside it."""
    weight = ndimage.gaussian_filter((~lungs).astype(np.float32), sigma)
    values = ndimage.gaussian_filter(np.where(lungs, 0, hu).astype(np.float32), sigma)
    return np.asarray(values / np.maximum(weight, 1e-3), np.float32)


def _solid(mask: Mask, neck: int) -> Mask:
    """Without thin outgrowths, holes filled slice by slice, the largest part alone."""
    opened = ndimage.binary_opening(mask, iterations=neck)
    rounded = np.stack([ndimage.binary_fill_holes(cut) for cut in opened])
    parts, count = ndimage.label(rounded)
    if count == 0:
        return mask
    sizes = np.bincount(parts.ravel())[1:]
    return np.asarray(parts == int(np.argmax(sizes)) + 1)


def _voxels(millimetres: float, voxel_mm: float) -> int:
    return max(1, round(millimetres / voxel_mm))
