"""Ribs one by one: pieces of their union, fused ones apart, broken ones joined, on their sides.

After the DAP Atlas (Jaus et al. 2023): what the 24 labels cover together is counted afresh; which
label a voxel had is a hint only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from training.label.derive.derived import Spacing
from training.label.derive.rib_codes import PAIRS
from training.label.labelled import Labels
from training.label.refine.fused import apart
from training.label.refine.pieces import Piece, pieces
from training.label.refine.plane import BodyPlane

HEAD_MM = 62.0  # from the spine's middle: a piece that begins within it has its head
SMALLEST_MM3 = 300.0  # what the edge of a field leaves of a rib may be any rib
HEAD_VOXELS = 30
REACH_MM = 80.0  # from a fragment to the rib that it continues
NAME_MM = 40.0  # how many millimetres of distance a shared name is worth


@dataclass(frozen=True, slots=True)
class Rib:
    """One rib as it was found. `votes` (12,): shares of its voxels that had each number."""

    piece: Piece
    side: str
    head_mm: float
    """Height (z) of the end at the spine, or of the lowest voxel where that is not in the scan."""
    votes: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """What the union of all ribs is made of.

    `ribs` have a head at the spine; `headless` are front ends of ribs whose heads lie above the
    scan, the lowest first; `loose` pieces continue no rib.
    """

    ribs: tuple[Rib, ...]
    headless: tuple[Rib, ...]
    loose: tuple[Piece, ...]


def find_ribs(
    ribs: Labels, plane: BodyPlane, spine_mm: npt.NDArray[np.float64], spacing_mm: Spacing
) -> Found:
    """Return the ribs one by one.

    ribs: whole rib codes (z, y, x); spine_mm: (n, 3) points of the spine, from below upwards.
    """
    centre = (float(spine_mm[:, 1].mean()) - 70.0, float(spine_mm[:, 2].mean()))
    union = [p for p in pieces(ribs > 0, ribs) if p.volume_mm3(spacing_mm) >= SMALLEST_MM3]
    found = [rib for piece in union for rib in apart(piece, centre, spacing_mm)]
    with_head, headless, rest = [], [], []
    for piece in found:
        head = _head(piece, spine_mm, spacing_mm)
        if head is not None:
            with_head.append(_rib(piece, head, plane, spacing_mm))
        elif piece.voxels[:, 0].max() == len(ribs) - 1:
            # A rib falls from its head to its front: what the top cuts has its head above.
            height = float(piece.voxels[:, 0].min()) * spacing_mm[0]
            headless.append(_rib(piece, height, plane, spacing_mm))
        else:
            rest.append(piece)
    grown, loose = _continued(with_head, rest, plane, spacing_mm)
    headless.sort(key=lambda rib: rib.head_mm)
    return Found(tuple(grown), tuple(headless), tuple(loose))


def _rib(piece: Piece, head_mm: float, plane: BodyPlane, spacing_mm: Spacing) -> Rib:
    return Rib(piece, _side(piece, plane, spacing_mm), head_mm, votes_of(piece))


def _side(piece: Piece, plane: BodyPlane, spacing_mm: Spacing) -> str:
    return "left" if np.median(plane.left_mm(piece.points_mm(spacing_mm))) > 0 else "right"


def votes_of(piece: Piece) -> npt.NDArray[np.float64]:
    """Return (12,) shares of the piece's voxels by rib number; sides do not count."""
    numbers = (piece.labels.astype(int) - 1) % PAIRS
    return np.bincount(numbers, minlength=PAIRS) / len(numbers)


def _head(piece: Piece, spine_mm: npt.NDArray[np.float64], spacing_mm: Spacing) -> float | None:
    """Return the height of the end nearest to the spine; None where it is far from it."""
    points = piece.points_mm(spacing_mm)
    course = [np.interp(points[:, 0], spine_mm[:, 0], spine_mm[:, axis]) for axis in (1, 2)]
    away = np.hypot(points[:, 1] - course[0], points[:, 2] - course[1])
    # In front of the spine lie the first rib's other end and the costal arch, not heads.
    away[points[:, 1] < course[0] - HEAD_MM / 2] = np.inf
    nearest = np.argsort(away)[:HEAD_VOXELS]
    if away[nearest[0]] > HEAD_MM:
        return None
    return float(points[nearest, 0].mean())


def _continued(
    found: Sequence[Rib], rest: Sequence[Piece], plane: BodyPlane, spacing_mm: Spacing
) -> tuple[list[Rib], list[Piece]]:
    """Give each fragment to the rib of its side that it continues: near, and of the same name."""
    trees = [cKDTree(rib.piece.points_mm(spacing_mm)) for rib in found]
    grown, lost = [rib.piece for rib in found], []
    for fragment in rest:
        side, votes = _side(fragment, plane, spacing_mm), votes_of(fragment)
        points = fragment.points_mm(spacing_mm)
        costs = {}
        for place, (rib, tree) in enumerate(zip(found, trees, strict=True)):
            distance = float(tree.query(points)[0].min())
            alike = float(np.minimum(votes, rib.votes).sum())
            if rib.side == side and (distance < REACH_MM or alike > 0.5):  # noqa: PLR2004
                costs[place] = distance + NAME_MM * (1 - alike)
        if costs:
            best = min(costs, key=costs.__getitem__)
            grown[best] = grown[best].joined(fragment)
        else:
            lost.append(fragment)
    joined = zip(found, grown, strict=True)
    return [Rib(piece, rib.side, rib.head_mm, votes_of(piece)) for rib, piece in joined], lost
