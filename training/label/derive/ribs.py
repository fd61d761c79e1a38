"""A rib's posterior and anterior part: cut by the coronal plane through its lateral-most point.

Source of the definition: Seibold et al., BMVC 2022 (arXiv 2210.03416), "horizontal inflection".
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.channels import number_of
from training.label.derive.derived import Derived, Spacing
from training.label.derive.rib_codes import RIB_KEYS, every_rib, rib_keys
from training.label.labelled import Labels, Mask

CAP_MM = 8.0  # how much of a rib below its lateral-most point shapes the parabola there
END_SHARE = 0.3  # of a piece's depth: a lateral point so near its end is where the scan cut it
SMALLEST_PART = 0.03  # of a rib: less in front of its apex is the apex's own uncertainty
SMALLEST_FIT = 5


def split_ribs(ribs: Labels, spacing_mm: Spacing) -> Derived:
    """Return the parts of all whole ribs; `ribs` uint8 (z, y, x) holds rib codes.

    Every rib part becomes known. A piece that the scan cuts off before or after its lateral-most
    point belongs wholly to one part, and the other is truly absent.
    """
    labels = np.zeros_like(ribs)
    for (code, rib, side), box in zip(every_rib(), ndimage.find_objects(ribs, 24), strict=True):
        if box is not None:
            keys = rib_keys(rib, side)
            mask = ribs[box] == code
            behind = _behind(mask, side, spacing_mm, _at_edge(box, ribs.shape))
            if behind.sum() > (1 - SMALLEST_PART) * mask.sum():
                behind = mask
            labels[box][mask] = number_of(keys[-1])
            labels[box][mask & behind] = number_of(keys[0])
    return Derived(labels, frozenset(RIB_KEYS))


def _at_edge(box: tuple[slice, ...], shape: tuple[int, ...]) -> Mask:
    """Return which voxels of the box lie on the scan's outermost slices or columns."""
    edge = np.zeros([part.stop - part.start for part in box], np.bool_)
    for axis in (0, 2):
        along = np.moveaxis(edge, axis, 0)
        along[0] |= box[axis].start == 0
        along[-1] |= box[axis].stop == shape[axis]
    return edge


def _behind(rib: Mask, side: str, spacing_mm: Spacing, edge: Mask) -> Mask:
    """Return the rib's posterior part; pieces that the scan cut are judged one by one."""
    rows = np.arange(rib.shape[1])[None, :, None]
    behind = rib & (rows >= lateral_row(rib, side, spacing_mm))
    pieces, count = ndimage.label(rib, np.ones((3, 3, 3)))
    for index in range(1, count + 1):
        piece = pieces == index
        row = lateral_row(piece, side, spacing_mm)
        if _cut_off(piece, row, side, edge):
            behind[piece] = np.nonzero(piece)[1].mean() > row
    return behind


def _cut_off(piece: Mask, row: float, side: str, edge: Mask) -> bool:
    """Whether the piece ends at the edge of the scan, at its own lateral-most point."""
    columns = np.flatnonzero(piece.any((0, 1)))
    outermost = columns[-2:] if side == "left" else columns[:2]
    rows = np.flatnonzero(piece.any((0, 2)))
    share = (row - rows[0]) / max(1, rows[-1] - rows[0])
    ends_there = not END_SHARE < share < 1 - END_SHARE
    return ends_there and bool((piece & edge)[:, :, outermost].any())


def lateral_row(rib: Mask, side: str, spacing_mm: Spacing) -> float:
    """Return the row (index along y, fractional) where the rib lies most lateral.

    The apex of a parabola through the outline of its outermost millimetres: a plateau of equal
    columns, as thick slices have, would put the single outermost voxel anywhere on it.
    """
    outline = _outline(rib, side)
    near = ndimage.label(outline >= outline.max() - CAP_MM / spacing_mm[2])[0]
    rows = np.flatnonzero(near == near[np.argmax(outline)])
    if len(rows) < SMALLEST_FIT:
        return float(np.argmax(outline))
    bend, slope, _ = np.polyfit(rows - rows.mean(), outline[rows], 2)
    if bend >= 0:
        return float(np.argmax(outline))
    return float(np.clip(rows.mean() - slope / (2 * bend), rows[0], rows[-1]))


def _outline(rib: Mask, side: str) -> npt.NDArray[np.float64]:
    """Return, per row, the column of the outermost voxel, outwards positive; -inf without one."""
    outwards = np.arange(rib.shape[2]) * (1.0 if side == "left" else -1.0)
    return np.asarray(np.where(rib.any(0), outwards[None, :], -np.inf).max(1))
