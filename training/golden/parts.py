"""Which part of a TotalSegmentator label map becomes which mask, and how ribs and aorta are split.

All arrays are (z, y, x): z to the head, y to the back, x to the patient's left. Keys are the CXAS
names in snake_case with the side last.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.label.labelled import Mask

Labels = npt.NDArray[np.uint8]

# TotalSegmentator v2 `total`; the vertebrae count upwards from L5.
VERTEBRAE = {
    key: 27 + place
    for place, key in enumerate(
        [
            *(f"vertebra_l{n}" for n in range(5, 0, -1)),
            *(f"vertebra_t{n}" for n in range(12, 0, -1)),
            *(f"vertebra_c{n}" for n in range(7, 0, -1)),
        ]
    )
}
FIRST_RIB = {"left": 92, "right": 104}
WHOLE = {
    "sternum": 116,
    "scapula_left": 71,
    "scapula_right": 72,
    "clavicle_left": 73,
    "clavicle_right": 74,
}
AORTA, TRACHEA, SPINAL_CORD, T4 = 52, 16, 79, VERTEBRAE["vertebra_t4"]
LATERAL_SHARE = 0.02  # of a rib's voxels stand for its lateral-most point
CARINA_ABOVE_MM = 12.0  # how much trachea belongs to its bifurcation
SMALLEST_AIRWAY_MM2 = 25.0


@dataclass(frozen=True, slots=True)
class Part:
    """One mask to be: its key, its voxels, the path length in mm that makes it present."""

    key: str
    mask: Mask
    minimum_path_mm: float


def parts(labels: Labels, spacing_mm: tuple[float, float, float]) -> Iterator[Part]:
    """Yield what lies in the scan; parts of one structure may be empty and are left out."""
    for part in (*_bones(labels), *_aorta(labels), *_airway(labels, spacing_mm)):
        if part.mask.any():
            yield part


def _bones(labels: Labels) -> Iterator[Part]:
    for key, number in VERTEBRAE.items():
        yield Part(key, labels == number, 4.0)
    for key, number in WHOLE.items():
        yield Part(key, labels == number, 2.0)
    for side, first in FIRST_RIB.items():
        for number in range(1, 12):
            yield from _rib(labels == first + number - 1, number, side)
        yield Part(f"rib_12_{side}", labels == first + 11, 2.0)


def _rib(rib: Mask, number: int, side: str) -> Iterator[Part]:
    """Split a rib by a coronal plane through its lateral-most point."""
    if rib.any():
        behind = _behind(rib, _lateral_y(rib, side))
        yield Part(f"posterior_rib_{number}_{side}", rib & behind, 2.0)
        yield Part(f"anterior_rib_{number}_{side}", rib & ~behind, 2.0)


def _lateral_y(rib: Mask, side: str) -> float:
    _, y, x = np.nonzero(rib)
    outwards = x if side == "left" else -x
    return float(y[outwards >= np.quantile(outwards, 1 - LATERAL_SHARE)].mean())


def _behind(mask: Mask, y: float) -> Mask:
    return np.asarray(np.arange(mask.shape[1])[None, :, None] >= y)


def _aorta(labels: Labels) -> Iterator[Part]:
    """The arch is what lies above the highest slice in which the vessel is cut twice.

    Below it the piece nearer to the spine is descending; so is a single piece behind the middle
    of the slice that is cut twice.
    """
    aorta = labels == AORTA
    yield Part("aorta", aorta, 6.0)
    twice = [z for z in range(len(aorta)) if _pieces(aorta[z]) > 1]
    if not twice:
        return
    below = np.arange(len(aorta))[:, None, None] <= max(twice)
    middle = float(np.mean([np.nonzero(aorta[z])[0].mean() for z in twice]))
    behind = np.stack([_pieces_behind(cut, middle) for cut in aorta])
    yield Part("aortic_arch", aorta & ~below, 6.0)
    yield Part("ascending_aorta", aorta & below & ~behind, 6.0)
    yield Part("descending_aorta", aorta & below & behind, 6.0)


def _pieces(cut: Mask) -> int:
    _, count = ndimage.label(cut)
    return int(count)


def _pieces_behind(cut: Mask, y: float) -> Mask:
    labelled, count = ndimage.label(cut)
    centres = ndimage.center_of_mass(cut, labelled, range(1, count + 1))
    return np.isin(labelled, [n for n, centre in enumerate(centres, start=1) if centre[0] > y])


def _airway(labels: Labels, spacing_mm: tuple[float, float, float]) -> Iterator[Part]:
    """The bifurcation is the airway from a little above the highest slice that cuts it twice."""
    trachea = labels == TRACHEA
    yield Part("trachea", trachea, 4.0)
    smallest = SMALLEST_AIRWAY_MM2 / (spacing_mm[1] * spacing_mm[2])
    twice = [z for z in range(len(trachea)) if _large_pieces(trachea[z], smallest) > 1]
    if twice:
        highest = max(twice) + CARINA_ABOVE_MM / spacing_mm[0]
        below = np.arange(len(trachea))[:, None, None] <= highest
        yield Part("tracheal_bifurcation", trachea & below, 4.0)


def _large_pieces(cut: Mask, smallest: float) -> int:
    labelled, _ = ndimage.label(cut)
    return int((np.bincount(labelled.ravel())[1:] >= smallest).sum())


def lower_border_of_t4(labels: Labels) -> int:
    """Return the slice of the lower end plate of T4: the plane below the upper mediastinum."""
    t4 = labels == T4
    cord = np.nonzero(labels == SPINAL_CORD)
    front = float(np.quantile(cord[1][np.isin(cord[0], np.flatnonzero(t4.any((1, 2))))], 0.02))
    body = t4 & ~_behind(t4, front)
    return int(np.quantile(np.nonzero(body)[0], 0.02))
