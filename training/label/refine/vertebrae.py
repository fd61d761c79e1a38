"""Vertebrae one by one: fragments given to their neighbours, halves joined, in order from above."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from training.channels import number_of
from training.label.derive.derived import Spacing
from training.label.derive.levels import VERTEBRAE
from training.label.labelled import Labels
from training.label.refine.pieces import Piece, pieces

WHOLE_SHARE = 0.3  # of the median vertebra's volume: smaller pieces are fragments
JOINED_STEP = 0.45  # of the distance of two vertebrae: nearer ones are halves of one
DROPPED_VOXELS = 10
FRAGMENT_REACH_MM = 12.0
NUMBERS = np.array([number_of(key) for key in VERTEBRAE])


@dataclass(frozen=True, slots=True)
class Vertebra:
    """One vertebra as it was found: its voxels, its height, what share was called which one."""

    piece: Piece
    centre_mm: npt.NDArray[np.float64]
    votes: npt.NDArray[np.float64]
    """(24,) shares of its voxels, in the order of `VERTEBRAE`."""


def find_vertebrae(organs: Labels, spacing_mm: Spacing) -> tuple[list[Vertebra], list[Piece]]:
    """Return the vertebrae from above downwards, and pieces that belong to none of them."""
    large, small = _whole_and_fragments(organs)
    large = _halves_joined(large, len(organs), spacing_mm)
    large, lost = _fragments_given(large, small, spacing_mm)
    found = [_vertebra(piece, spacing_mm) for piece in large]
    return sorted(found, key=lambda v: -v.centre_mm[0]), lost


def _vertebra(piece: Piece, spacing_mm: Spacing) -> Vertebra:
    votes = np.bincount(piece.labels, minlength=256)[NUMBERS] / len(piece.labels)
    return Vertebra(piece, piece.points_mm(spacing_mm).mean(0), votes)


def _whole_and_fragments(organs: Labels) -> tuple[list[Piece], list[Piece]]:
    every = [list(pieces(organs == number, organs)) for number in NUMBERS]
    largest = [max(len(p.voxels) for p in found) for found in every if found]
    smallest = WHOLE_SHARE * float(np.median(largest)) if largest else 0.0
    whole: list[Piece] = []
    rest: list[Piece] = []
    for piece in (piece for found in every for piece in found):
        cut = _cut_by_scan(piece, len(organs))
        (whole if len(piece.voxels) >= smallest or cut else rest).append(piece)
    whole, rest = ([p for p in some if len(p.voxels) > DROPPED_VOXELS] for some in (whole, rest))
    return whole, rest


def _cut_by_scan(piece: Piece, slices: int) -> bool:
    heights = piece.voxels[:, 0]
    return bool(heights.min() == 0 or heights.max() == slices - 1)


def _halves_joined(found: list[Piece], slices: int, spacing_mm: Spacing) -> list[Piece]:
    """Join neighbours that lie too near to each other to be two vertebrae.

    What the scan cuts lies nearer to its neighbour than its middle would, and is left alone.
    """
    ordered = sorted(found, key=lambda piece: float(-piece.voxels[:, 0].mean()))
    heights = np.array([piece.voxels[:, 0].mean() * spacing_mm[0] for piece in ordered])
    if len(ordered) < 3:  # noqa: PLR2004 - one distance cannot be judged by itself
        return ordered
    step = float(np.median(-np.diff(heights)))
    joined = [ordered[0]]
    for piece, gap in zip(ordered[1:], -np.diff(heights), strict=True):
        if gap < JOINED_STEP * step and not _cut_by_scan(piece.joined(joined[-1]), slices):
            joined[-1] = joined[-1].joined(piece)
        else:
            joined.append(piece)
    return joined


def _fragments_given(
    large: list[Piece], small: list[Piece], spacing_mm: Spacing
) -> tuple[list[Piece], list[Piece]]:
    """Give each fragment to the vertebra that it is nearest to; far ones belong to none."""
    trees = [cKDTree(piece.points_mm(spacing_mm)) for piece in large]
    grown, lost = list(large), []
    for fragment in small:
        points = fragment.points_mm(spacing_mm)
        distances = [float(np.median(tree.query(points)[0])) for tree in trees]
        if distances and min(distances) <= FRAGMENT_REACH_MM:
            nearest = int(np.argmin(distances))
            grown[nearest] = grown[nearest].joined(fragment)
        else:
            lost.append(fragment)
    return grown, lost
