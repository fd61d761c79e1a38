"""Bone found by threshold takes the nearest carried bone, and keeps one number along each rib."""

import numpy as np
from scipy import ndimage

from training.ingest.volume import Volume
from training.label.labelled import Labels, Mask
from training.label.rules import Rules
from training.label.total_ids import BONES, RIBS

REACH_MM = 8.0  # from carried bone to bone of the target
# A rib that the registration squeezed out is still a rib, and is counted as one afterwards.
RIB_REACH_MM = 16.0
INSIDE_HU = 0  # carried bone beside the threshold's counts unless it is fat: marrow is soft
EDGE_MM = 1.5
FRAGMENT_MM3 = 1500.0  # smaller pieces of a rib that touch another one take its number
EVERYWHERE = np.ones((3, 3, 3), bool)


def fitted_bones(raw: Labels, volume: Volume, rules: Rules) -> Labels:
    """Return bones alone, fitted to the volume's own; `raw` holds all carried labels."""
    carried = np.where(np.isin(raw, BONES), raw, 0).astype(np.uint8)
    if not carried.any():
        return carried
    voxel_mm = volume.spacing_mm[0]
    distance, index = ndimage.distance_transform_edt(carried == 0, return_indices=True)
    nearest = carried[tuple(index)]
    # What the atlas knows as another organ is no bone however bright: contrast medium.
    other = (raw > 0) & (carried == 0) & (distance * voxel_mm > EDGE_MM)
    reach = np.where(np.isin(nearest, RIBS), RIB_REACH_MM, REACH_MM)
    reached = rules.bone & (distance * voxel_mm <= reach) & ~other
    edge = ndimage.binary_dilation(rules.bone, iterations=max(1, round(EDGE_MM / voxel_mm)))
    inside = (carried > 0) & edge & (volume.hu > INSIDE_HU)
    bones = np.where((reached | inside) & ~rules.lungs & ~rules.trachea, nearest, 0)
    return one_number_per_piece(bones.astype(np.uint8), voxel_mm)


def one_number_per_piece(bones: Labels, voxel_mm: float) -> Labels:
    """Small pieces of a rib that lie on another rib take its number; lone crumbs are dropped.

    The nearest carried rib is the neighbouring one where the registration is off by half a gap; a
    piece cut off from the rest of its rib and lying against another rib is such a place.
    """
    result = bones.copy()
    ribs = np.where(np.isin(bones, RIBS), bones, 0)
    for rib, box in enumerate(ndimage.find_objects(ribs), start=1):
        if box is not None:
            _settle(result, ribs, rib, box, FRAGMENT_MM3 / voxel_mm**3)
    return result


def _settle(result: Labels, ribs: Labels, rib: int, box: tuple[slice, ...], limit: float) -> None:
    """Renumber one rib's small pieces in place."""
    around = tuple(slice(max(0, s.start - 1), s.stop + 1) for s in box)
    pieces, count = ndimage.label(ribs[around] == rib, EVERYWHERE)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    for piece in range(1, count + 1):
        if sizes[piece] >= limit or sizes[piece] == sizes[1:].max():
            continue
        mask = pieces == piece
        result[around][mask] = _neighbour(ribs[around], mask, rib)


def _neighbour(ribs: Labels, mask: Mask, rib: int) -> int:
    """The rib with most voxels against the piece, or the piece's own number."""
    ring = ndimage.binary_dilation(mask, EVERYWHERE) & ~mask
    touched = ribs[ring & (ribs > 0)]
    return int(np.bincount(touched).argmax()) if touched.size else rib
