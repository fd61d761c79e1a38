"""Body, couch and lungs on a coarse grid: enough to judge a volume, not to label it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.ingest.volume import Volume

Mask = npt.NDArray[np.bool_]

COARSE_MM = 3.0
BODY_HU = -400
LUNG_HU = -450
OPENING_MM = 6.0
LUNG_CORE_MM = 12.0  # half the thickness of a lung; air between back and couch is thinner
SKIN_MM = 6.0  # kept around the body: skin, hair, the rounding of the coarse grid
SMALLEST_PART_MM3 = 300_000.0  # an arm beside the trunk
SMALLEST_LUNG_MM3 = 150_000.0
SMALLER_SHARE = 0.1
AIRWAY_REACH_MM = 30.0
LARGEST_AIRWAY_MM2 = 900.0


@dataclass(frozen=True, slots=True)
class Lungs:
    """Both lungs, bool (z, y, x)."""

    right: Mask
    left: Mask

    @property
    def both(self) -> Mask:
        """Their union."""
        return self.right | self.left


def find_body(volume: Volume) -> Mask:
    """The patient, lungs filled: what is left when thin things (couch, cloth) are opened away.

    Lungs are filled before, so that a chest wall of a few millimetres is not opened away with them.
    """
    reach = _voxels(OPENING_MM, volume)
    solid = np.pad(_with_lungs(volume), reach, mode="edge")
    opened = ndimage.binary_opening(solid, iterations=reach)
    inner = opened[tuple(slice(reach, -reach) for _ in range(3))]
    parts = _large_parts(inner, SMALLEST_PART_MM3 / float(np.prod(volume.spacing_mm)))
    return np.stack([ndimage.binary_fill_holes(_walled(cut)) for cut in parts])


def _with_lungs(volume: Volume) -> Mask:
    """Everything dense, and all air that it encloses in parts as thick as a lung."""
    solid = volume.hu > BODY_HU
    enclosed = np.stack([ndimage.binary_fill_holes(cut) for cut in solid]) & ~solid
    core = ndimage.binary_erosion(enclosed, iterations=_voxels(LUNG_CORE_MM, volume))
    labels, _ = ndimage.label(enclosed)
    return np.asarray(solid | (np.isin(labels, np.unique(labels[core])) & enclosed))


def _large_parts(mask: Mask, fewest: float) -> Mask:
    """The largest component, and others of the size of an arm that are not flat like a couch."""
    labels, _ = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    large = [int(index) for index in np.flatnonzero(sizes >= fewest)]
    keep = [index for index in large if not _is_behind(labels, index, sizes)]
    return np.isin(labels, [*keep, int(np.argmax(sizes))])


def _is_behind(labels: npt.NDArray[np.int32], index: int, sizes: npt.NDArray[np.int64]) -> bool:
    """Whether a part lies wholly behind the back of the largest one: then it is a couch."""
    largest = int(np.argmax(sizes))
    if index == largest:
        return False
    body = np.flatnonzero((labels == largest).any(axis=(0, 2)))
    part = np.flatnonzero((labels == index).any(axis=(0, 2)))
    return bool(np.mean(part) > np.quantile(body, 0.95))


def _walled(cut: Mask) -> Mask:
    """A slice whose edges are closed between body and body, so that a cut lung stays inside."""
    walled = cut.copy()
    for edge in (walled[0], walled[-1], walled[:, 0], walled[:, -1]):
        touched = np.flatnonzero(edge)
        if touched.size:
            edge[touched[0] : touched[-1] + 1] = True
    return walled


def keep_near(body: Mask, volume: Volume) -> Mask:
    """The body and a rim around it; everything else is couch, cloth or air."""
    distance = ndimage.distance_transform_edt(~body, sampling=volume.spacing_mm)
    return np.asarray(distance <= max(SKIN_MM, 2 * volume.spacing_mm[0]))


def find_lungs(volume: Volume, body: Mask) -> Lungs | None:
    """Right and left lung, or None where the body holds no two separate ones."""
    air = (volume.hu < LUNG_HU) & ndimage.binary_erosion(body, border_value=1)
    fewest = SMALLEST_LUNG_MM3 / float(np.prod(volume.spacing_mm))
    for iterations in range(6):
        core = ndimage.binary_erosion(air, iterations=iterations) if iterations else air
        labels, _ = ndimage.label(core)
        sizes = np.bincount(labels.ravel())
        sizes[0] = 0
        first, second = np.argsort(sizes)[::-1][:2] if len(sizes) > 2 else (0, 0)  # noqa: PLR2004
        if second and sizes[second] > max(fewest, SMALLER_SHARE * sizes[first]):
            pair = (labels == first, labels == second)
            if _side_by_side(*pair):
                return _without_airway(_grown(air, *pair), volume)
    return None


def _side_by_side(one: Mask, other: Mask) -> bool:
    """Whether two parts lie beside each other at the same height, as lungs do."""
    centres = [ndimage.center_of_mass(part) for part in (one, other)]
    heights = [np.flatnonzero(part.any(axis=(1, 2))) for part in (one, other)]
    overlap = len(np.intersect1d(heights[0], heights[1])) / min(len(h) for h in heights)
    return abs(centres[0][2] - centres[1][2]) > abs(centres[0][0] - centres[1][0]) and overlap > 0.5  # noqa: PLR2004


def _grown(air: Mask, one: Mask, other: Mask) -> Lungs:
    """Give the eroded rim back to the nearer part; the smaller x is the patient's right."""
    nearest = ndimage.distance_transform_edt(
        ~(one | other), return_distances=False, return_indices=True
    )
    labels, _ = ndimage.label(air)
    joined = np.isin(labels, np.unique(labels[one | other]))
    is_one = one[tuple(nearest)] & joined
    is_other = ~one[tuple(nearest)] & joined
    swapped = ndimage.center_of_mass(one)[2] > ndimage.center_of_mass(other)[2]
    return Lungs(is_other, is_one) if swapped else Lungs(is_one, is_other)


def _without_airway(lungs: Lungs, volume: Volume) -> Lungs:
    """Drop what is small and lies wholly near the midline of a slice: trachea, throat, gullet."""
    sides = [ndimage.center_of_mass(side)[2] for side in (lungs.right, lungs.left)]
    distance_mm = np.abs(np.arange(volume.hu.shape[2]) - np.mean(sides)) * volume.spacing_mm[2]
    airway = np.stack([_central_parts(cut, distance_mm, volume) for cut in lungs.both])
    return Lungs(lungs.right & ~airway, lungs.left & ~airway)


def _central_parts(cut: Mask, distance_mm: npt.NDArray[np.float64], volume: Volume) -> Mask:
    labels, count = ndimage.label(cut)
    furthest = ndimage.maximum(
        np.broadcast_to(distance_mm, cut.shape), labels, np.arange(1, count + 1)
    )
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:] * volume.spacing_mm[1] ** 2
    central = (np.asarray(furthest) < AIRWAY_REACH_MM) & (areas < LARGEST_AIRWAY_MM2)
    return np.asarray(np.concatenate([[False], central])[labels])


def _voxels(millimetres: float, volume: Volume) -> int:
    return max(1, round(millimetres / volume.spacing_mm[0]))
