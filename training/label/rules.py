"""Lungs, airway, body and bone from HU and geometry alone: no learnt model, no atlas.

All arrays are (z, y, x) with z to the head, y to the back, x to the patient's left.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.ingest.volume import Volume
from training.label.labelled import Mask

BODY_HU = -400
LUNG_HU = -450
AIRWAY_HU = -850
AIRWAY_WALL_HU = -300
BONE_HU = 180
LARGEST_TRACHEA_MM2 = 600.0
SMALLEST_TRACHEA_MM2 = 40.0
SMALLEST_BONE_MM3 = 200.0
MARROW_HU = 50
SMALLEST_BRANCH_PIXELS = 12
ROUND = 0.55


class RulesFailed(ValueError):
    """The volume does not look like a chest to the rules; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the rules found."""

    body: Mask
    right_lung: Mask
    left_lung: Mask
    trachea: Mask
    bone: Mask


def apply_rules(volume: Volume) -> Rules:
    """Find body, lungs, airway and bone, or raise `RulesFailed`."""
    body = find_body(volume)
    air = (volume.hu < LUNG_HU) & body
    trachea = find_trachea(volume, body)
    airway = ndimage.binary_dilation(trachea, iterations=voxels(3.0, volume))
    sides = split_lungs(air & ~airway, volume.spacing_mm)
    right, left = (close_lung(side, voxels(6.0, volume)) for side in sides)
    bone = find_bone(volume, body)
    return Rules(body, right, left, trachea & ~right & ~left, bone)


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


def find_trachea(volume: Volume, body: Mask) -> Mask:
    """Follow the round air column near the midline from the neck down until it splits or leaks."""
    air = (volume.hu < AIRWAY_HU) & body
    area = volume.spacing_mm[1] * volume.spacing_mm[2]
    found = np.zeros_like(body)
    previous = None
    for z in range(len(air) - 1, -1, -1):
        cut = _airway_cut(air[z], body[z], previous, area)
        if cut is None and previous is not None:
            break
        if cut is not None:
            found[z], previous = cut, cut
    grown = ndimage.binary_dilation(found, iterations=voxels(1.5, volume))
    return np.asarray(grown & (volume.hu < AIRWAY_WALL_HU) & body)


def _airway_cut(air: Mask, body: Mask, previous: Mask | None, area: float) -> Mask | None:
    """The component of this slice that continues the airway, or a first one near the midline."""
    labels, count = ndimage.label(air)
    candidates = []
    if previous is not None and _forks(labels, previous):
        return None
    for index in range(1, count + 1):
        part = labels == index
        size = part.sum() * area
        if not SMALLEST_TRACHEA_MM2 <= size <= LARGEST_TRACHEA_MM2:
            continue
        score = _overlap(part, previous) if previous is not None else _central(part, body)
        if score > 0:
            candidates.append((score, index))
    return labels == max(candidates)[1] if candidates else None


def _forks(labels: npt.NDArray[np.int32], previous: Mask) -> bool:
    """Whether the airway above has become two: the carina."""
    sizes = np.bincount(labels[ndimage.binary_dilation(previous, iterations=2)])[1:]
    return int((sizes >= SMALLEST_BRANCH_PIXELS).sum()) > 1


def _overlap(part: Mask, previous: Mask) -> float:
    return float((part & previous).sum())


def _central(part: Mask, body: Mask) -> float:
    """Positive when the part is round and lies in the middle fifth of the body's width."""
    columns = np.flatnonzero(body.any(0))
    rows, cols = np.nonzero(part)
    offset = abs(cols.mean() - columns.mean()) / max(1, np.ptp(columns))
    roundness = len(rows) / max(1.0, float((np.ptp(rows) + 1) * (np.ptp(cols) + 1)))
    return float(0.1 - offset) if roundness > ROUND else 0.0


def split_lungs(air: Mask, spacing_mm: tuple[float, float, float]) -> tuple[Mask, Mask]:
    """Right and left lung: erode until two large parts separate, give back by nearness."""
    litre = 1e6 / float(np.prod(spacing_mm))
    air = _without_small(air, 0.05 * litre)
    for iterations in (0, 1, 2, 4, 6):
        core = ndimage.binary_erosion(air, iterations=iterations) if iterations else air
        labels, sizes = _components(core)
        order = np.argsort(sizes)[::-1]
        if len(order) > 1 and sizes[order[1]] > max(0.2 * sizes[order[0]], 0.2 * litre):
            return _sides(air, labels, order[:2] + 1)
    raise RulesFailed("two separate lungs were not found")


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
