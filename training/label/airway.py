"""Trachea and main bronchi: a chain of round air columns between the lungs, then a followed fork.

All arrays are (z, y, x) with z to the head, y to the back, x to the patient's left.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.ingest.volume import Volume
from training.label.labelled import Mask

AIRWAY_HU = -600
WALL_HU = -300
SMALLEST_MM2 = 30.0
LARGEST_MM2 = 900.0
ROUND = 0.5  # area over bounding box; a disc has 0.79
LONGEST_SIDES = 2.2  # longer side over shorter
MIDDLE = 0.16  # of the body's width, on either side of its middle
STEP_MM = 5.0  # the centre moves at most so far from one slice to the next
GAP_MM = 6.0  # slices without a candidate that a chain may jump
TRACHEA_MM = 125.0  # cricoid to carina, at most; above is larynx or pharynx
BRONCHI_MM = 40.0  # main bronchi reach at most so far below the carina
FORK_BELOW_MM = 6.0  # two columns so far below a slice make it the carina
FORK_REACH_MM = 4.5  # and at most so far outside the column above
SHORTEST_TRACHEA_MM = 30.0
GROWTH = 1.8  # a bronchus that gets wider than this has leaked into the lung


@dataclass(frozen=True, slots=True)
class Airway:
    """`trachea` holds trachea and main bronchi, `above` what is air higher up; `carina` is a z."""

    trachea: Mask
    above: Mask
    carina: int | None


@dataclass(frozen=True, slots=True)
class _Cut:
    """One air column in one slice: its mask's label, area (mm2) and centre (y, x) in mm."""

    z: int
    label: int
    area: float
    centre: tuple[float, float]


def find_airway(volume: Volume, body: Mask) -> Airway:
    """The longest chain of round air columns near the middle, and both bronchi below it."""
    air = (volume.hu < AIRWAY_HU) & body
    labels = np.stack([ndimage.label(cut)[0] for cut in air]).astype(np.int32)
    slices = [list(_candidates(labels[z], body[z], z, volume)) for z in range(len(air))]
    chain = _longest_chain(slices, volume.spacing_mm[0])
    found = np.zeros_like(body)
    if not chain:
        return Airway(found, found.copy(), None)
    trachea = _down_to_fork(chain, labels, volume)
    for cut in trachea:
        found[cut.z] |= labels[cut.z] == cut.label
    carina = trachea[-1].z
    top = carina + round(TRACHEA_MM / volume.spacing_mm[0])
    above = found.copy()
    above[:top] = False
    found[top:] = False
    found |= _bronchi(air, found[carina], carina, volume)
    return Airway(_with_wall(found, volume, body), _with_wall(above, volume, body), carina)


def _with_wall(lumen: Mask, volume: Volume, body: Mask) -> Mask:
    """The lumen and the half-filled voxels at its border."""
    grown = ndimage.binary_dilation(lumen, iterations=max(1, round(1.5 / volume.spacing_mm[0])))
    return np.asarray(grown & (volume.hu < WALL_HU) & body)


def _candidates(
    labels: npt.NDArray[np.int32], body: Mask, z: int, volume: Volume
) -> Iterator[_Cut]:
    """Round air columns of an airway's size near the middle of the body in one slice."""
    if not body.any():
        return
    columns = np.flatnonzero(body.any(0))
    middle, reach = float(columns.mean()), MIDDLE * float(np.ptp(columns) + 1)
    _, dy, dx = volume.spacing_mm
    counts = np.bincount(labels.ravel())
    for index, box in enumerate(ndimage.find_objects(labels), start=1):
        area = float(counts[index]) * dy * dx if box is not None else 0.0
        if box is None or not SMALLEST_MM2 <= area <= LARGEST_MM2:
            continue
        height, width = (s.stop - s.start for s in box)
        part = labels[box] == index
        y, x = (float(v) for v in ndimage.center_of_mass(part))
        y, x = y + box[0].start, x + box[1].start
        slim = max(height, width) / min(height, width) <= LONGEST_SIDES
        if slim and part.mean() > ROUND and abs(x - middle) <= reach:
            yield _Cut(z, index, area, (y * dy, x * dx))


def _longest_chain(slices: list[list[_Cut]], spacing_mm: float) -> list[_Cut]:
    """From the top down, the chain of most slices (dynamic programming over candidates)."""
    best: dict[_Cut, tuple[float, _Cut | None]] = {}
    reach = max(1, round(GAP_MM / spacing_mm))
    for z in range(len(slices) - 1, -1, -1):
        for cut in slices[z]:
            best[cut] = max(
                _links(cut, slices[z + 1 : z + 1 + reach], best), key=lambda pair: pair[0]
            )
    if not best:
        return []
    last: _Cut | None = max(best, key=lambda cut: (best[cut][0], -cut.z))
    chain = []
    while last is not None:
        chain.append(last)
        last = best[last][1]
    return chain[::-1]


def _links(
    cut: _Cut, above: list[list[_Cut]], best: dict[_Cut, tuple[float, _Cut | None]]
) -> Iterator[tuple[float, _Cut | None]]:
    """Every way to continue a chain with this cut: its score, and the cut it continues."""
    yield 1.0, None
    for upper in (c for row in above for c in row):
        gap = upper.z - cut.z
        moved = float(np.hypot(*np.subtract(upper.centre, cut.centre)))
        if moved > STEP_MM * gap:
            continue
        change = abs(float(np.log(cut.area / upper.area)))
        score = 1.0 - moved / (2 * STEP_MM) - min(1.0, change) / 2 - 0.2 * (gap - 1)
        yield best[upper][0] + score, upper


def _down_to_fork(chain: list[_Cut], labels: npt.NDArray[np.int32], volume: Volume) -> list[_Cut]:
    """The chain's part above the first slice below which two columns of a bronchus' size lie."""
    dz, dy, dx = volume.spacing_mm
    step, reach = max(1, round(FORK_BELOW_MM / dz)), round(FORK_REACH_MM / dx)
    for position, cut in enumerate(chain):
        lower = labels[cut.z - step] if cut.z >= step else None
        if lower is None or chain[0].z - cut.z < SHORTEST_TRACHEA_MM / dz:
            continue
        near = ndimage.binary_dilation(labels[cut.z] == cut.label, iterations=reach)
        sizes = np.bincount(lower.ravel()) * dy * dx
        touched = np.unique(lower[near & (lower > 0)])
        if sum(SMALLEST_MM2 <= sizes[index] <= LARGEST_MM2 for index in touched) > 1:
            return chain[: position + 1]
    return chain


def _bronchi(air: Mask, start: Mask, carina: int, volume: Volume) -> Mask:
    """Follow what continues below the carina, each branch until it leaks into its lung."""
    found = np.zeros_like(air)
    branches = [(start, float(start.sum()))]
    lowest = max(-1, carina - round(BRONCHI_MM / volume.spacing_mm[0]))
    largest = LARGEST_MM2 / (volume.spacing_mm[1] * volume.spacing_mm[2])
    tight = air & (volume.hu < (AIRWAY_HU - 200))
    for z in range(carina - 1, lowest, -1):
        labels, _ = ndimage.label(tight[z])
        continued = []
        for branch, size in branches:
            touched = np.unique(labels[branch])
            for index in touched[touched > 0]:
                part = labels == index
                area = float(part.sum())
                if area <= min(GROWTH * size, largest):
                    continued.append((part, max(area, size / 2)))
        branches = continued
        for part, _ in branches:
            found[z] |= part
    return found
