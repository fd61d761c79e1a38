"""Ribs by their new numbers: what the ladder said, what lies above it, and what it left over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from training.label.derive.derived import Spacing
from training.label.derive.rib_codes import SIDES, rib_and_side, rib_code, rib_keys
from training.label.labelled import Labels
from training.label.refine.ladder import Ladder
from training.label.refine.pieces import Piece
from training.label.refine.ribs import Found, Rib
from training.label.refine.symmetry import disagreeing

NOTED_SHARE = 0.5  # of a bone's voxels had another name before: worth a note
SAME_RIB_MM = 60.0  # between two pieces of one name
LOST_MM3 = 1000.0  # a smaller piece is a crumb, whose loss says nothing about its rib
Named = tuple[Rib, int | None]


@dataclass(frozen=True, slots=True)
class NamedRibs:
    """`codes`: whole rib codes (z, y, x); keys that are not trusted; what changed."""

    codes: Labels
    unknown: Mapping[str, str]
    notes: tuple[str, ...]


def named_ribs(codes: Labels, found: Found, ladder: Ladder, spacing_mm: Spacing) -> NamedRibs:
    """Return the ribs by the new count.

    A rib without a number joins a rib of its old name nearby, or is dropped, and then that name is
    not known any more; nor are numbers on which the sides disagree.
    """
    named = [pair for side in SIDES for pair in _with_numbers(found, ladder, side)]
    placed = [_rejoined(rib, number, named, spacing_mm) for rib, number in named]
    written, notes = np.zeros_like(codes), []
    lost = [piece for piece in found.loose if piece.volume_mm3(spacing_mm) >= LOST_MM3]
    for rib, number in placed:
        if number is None:
            lost.append(rib.piece)
            notes.append(f"a {rib.side} rib that fits no vertebra dropped")
            continue
        rib.piece.write(written, rib_code(number, rib.side))
        if rib.votes[number - 1] < NOTED_SHARE:
            notes.append(f"{rib.side} rib {int(rib.votes.argmax()) + 1} is rib {number}")
    if found.loose:
        notes.append(f"{len(found.loose)} pieces that continue no rib dropped")
    return NamedRibs(written, _unknown(lost, disagreeing(_with_heads(found, ladder))), tuple(notes))


def _with_numbers(found: Found, ladder: Ladder, side: str) -> list[Named]:
    """Return a side's ribs and numbers; ribs without head count upwards from the topmost head."""
    ribs = [rib for rib in found.ribs if rib.side == side]
    numbers = list(ladder.ribs[side])
    for rib in (rib for rib in found.headless if rib.side == side):
        topmost = min((n for n in numbers if n is not None), default=0)
        ribs.append(rib)
        numbers.append(topmost - 1 if topmost > 1 else None)
    return list(zip(ribs, numbers, strict=True))


def _with_heads(found: Found, ladder: Ladder) -> list[Named]:
    return [
        pair
        for side in SIDES
        for pair in zip(
            (rib for rib in found.ribs if rib.side == side), ladder.ribs[side], strict=True
        )
    ]


def _rejoined(rib: Rib, number: int | None, named: Sequence[Named], spacing_mm: Spacing) -> Named:
    """Return a rib without a number under that of a near rib which had the same name."""
    if number is not None:
        return rib, number
    points = rib.piece.points_mm(spacing_mm)
    near = {}
    for other, n in named:
        alike = float(np.minimum(rib.votes, other.votes).sum())
        if n is not None and other.side == rib.side and alike > NOTED_SHARE:
            near[n] = float(cKDTree(other.piece.points_mm(spacing_mm)).query(points)[0].min())
    nearest = min(near, key=near.__getitem__, default=None)
    return rib, nearest if nearest is not None and near[nearest] <= SAME_RIB_MM else None


def _unknown(lost: Sequence[Piece], disputed: frozenset[int]) -> dict[str, str]:
    found = {
        key: "right and left ribs beside each other have different numbers"
        for number in disputed
        for side in SIDES
        for key in rib_keys(number, side)
    }
    for piece in lost:
        number, side = rib_and_side(int(np.bincount(piece.labels).argmax()))
        reason = "a piece that had this name fits no rib"
        found |= dict.fromkeys(rib_keys(number, side), reason)
    return found
