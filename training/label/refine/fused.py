"""Ribs that one label, or two labels that touch, made one piece: told apart round the chest.

Unrolled round the chest, a rib is one line; two ribs that are joined somewhere are two lines nearly
everywhere.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import cKDTree

from training.label.derive.derived import Spacing
from training.label.refine.pieces import Piece

BIN_DEGREES = 3.0
TWICE_SHARE = 0.3  # of the bins that a piece passes hold two lines where it is two ribs
BRIDGE = 1.6  # a run along z so much longer than the usual one joins two ribs
GAP_BINS = 5
GAP_MM = 14.0  # a line is so much lower, at most, beyond a gap; the next rib is 20 mm away
LINE_SHARE = 0.2  # of the bins: shorter lines are crumbs


def apart(piece: Piece, centre: tuple[float, float], spacing_mm: Spacing) -> list[Piece]:
    """Return the ribs of which a piece is made: itself, or several.

    centre: (y, x) in mm, inside the chest.
    """
    seen, bins = _unrolled(piece, centre, spacing_mm)
    runs = [ndimage.label(column)[1] for column in seen.T]
    passed = [count for count in runs if count]
    if np.mean([count > 1 for count in passed]) < TWICE_SHARE:
        return [piece]
    lines = _linked(_lines(seen), spacing_mm[0])
    shortest = LINE_SHARE * len(passed)
    found = [n for n in np.unique(lines[lines > 0]) if _length(lines == n) >= shortest]
    if len(found) < 2:  # noqa: PLR2004 - one line is one rib
        return [piece]
    at = lines[piece.voxels[:, 0] - piece.voxels[:, 0].min(), bins]
    return _shared_out(piece, at, found, spacing_mm)


def _unrolled(
    piece: Piece, centre: tuple[float, float], spacing_mm: Spacing
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Return the piece seen from the chest's axis, (z, bins), and each voxel's bin."""
    points = piece.points_mm(spacing_mm)
    angle = np.degrees(np.arctan2(points[:, 1] - centre[0], np.abs(points[:, 2] - centre[1])))
    bins = ((angle + 90) / BIN_DEGREES).astype(np.int64)
    heights = piece.voxels[:, 0] - piece.voxels[:, 0].min()
    seen = np.zeros((heights.max() + 1, int(180 / BIN_DEGREES) + 1), np.bool_)
    seen[heights, bins] = True
    return seen, bins


def _lines(seen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """Return the lines, numbered, without the bridges between them."""
    kept = seen.copy()
    lengths = []
    for column in seen.T:
        runs, count = ndimage.label(column)
        lengths += [int((runs == n).sum()) for n in range(1, count + 1)]
    longest = BRIDGE * float(np.median(lengths))
    for place, column in enumerate(seen.T):
        runs, count = ndimage.label(column)
        for n in range(1, count + 1):
            if (runs == n).sum() > longest:
                kept[runs == n, place] = False
    return np.asarray(ndimage.label(kept, np.ones((3, 3)))[0])


def _linked(lines: npt.NDArray[np.int32], slice_mm: float) -> npt.NDArray[np.int32]:
    """Return the lines with those under one number that a bridge alone had parted."""
    linked = lines.copy()
    for n in range(1, int(lines.max()) + 1):
        heights, bins = np.nonzero(lines == n)
        end = bins.max()
        after = lines[:, end + 1 : end + 1 + GAP_BINS]
        others = {
            int(m): abs(np.nonzero(after == m)[0].mean() - heights[bins == end].mean())
            for m in np.unique(after[(after > 0) & (after != n)])
        }
        nearest = min(others, key=others.__getitem__, default=None)
        if nearest is not None and others[nearest] * slice_mm <= GAP_MM:
            linked[lines == nearest] = linked[heights[0], bins[0]]
    return linked


def _length(line: npt.NDArray[np.bool_]) -> int:
    return int(line.any(0).sum())


def _shared_out(
    piece: Piece, at: npt.NDArray[np.int32], found: list[int], spacing_mm: Spacing
) -> list[Piece]:
    """Give every voxel to the nearest line."""
    points = piece.points_mm(spacing_mm)
    distances = np.stack([cKDTree(points[at == n]).query(points)[0] for n in found])
    nearest = distances.argmin(0)
    return [piece.part(nearest == place) for place in range(len(found))]
