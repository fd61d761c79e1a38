"""Spine and ribs of a labelled volume counted and named afresh."""

from collections.abc import Sequence

import numpy as np

from training.channels import number_of
from training.label.derive.derived import Spacing, mask_of
from training.label.derive.levels import VERTEBRAE
from training.label.derive.rib_codes import RIB_KEYS, SIDES, rib_code, whole_ribs
from training.label.derive.ribs import split_ribs
from training.label.labelled import Labels
from training.label.refine.ladder import Ladder, climb
from training.label.refine.pieces import Piece
from training.label.refine.plane import BodyPlane
from training.label.refine.refined import Refined
from training.label.refine.ribs import Found, Rib, find_ribs
from training.label.refine.vertebrae import Vertebra, find_vertebrae

SPINE = frozenset(VERTEBRAE)
RIBS = frozenset(RIB_KEYS)
NOTED_SHARE = 0.5  # of a bone's voxels had another name before: worth a note


def rename_skeleton(organs: Labels, plane: BodyPlane, spacing_mm: Spacing) -> Refined:
    """Return the organs with vertebrae and ribs in order, each rib on its side and in two parts.

    Bones that fit no place lose their label. Where the whole count is uncertain the names stay as
    they are, and no key of vertebrae and ribs is known.
    """
    vertebrae, fragments = find_vertebrae(organs, spacing_mm)
    spine = np.array([v.centre_mm for v in reversed(vertebrae)]).reshape(-1, 3)
    if len(spine) < 2:  # noqa: PLR2004 - heads of ribs are found by the spine's course
        return Refined(organs, dict.fromkeys(SPINE | RIBS, "fewer than two vertebrae were found"))
    codes = whole_ribs(organs)
    found = find_ribs(codes, plane, spine, spacing_mm)
    ladder = climb(vertebrae, found.ribs, len(organs) * spacing_mm[0])
    if ladder is None or not ladder.certain:
        reason = "the count of vertebrae and ribs is uncertain: another naming is nearly as likely"
        return Refined(organs, dict.fromkeys(SPINE | RIBS, reason))
    labels = np.where(mask_of(organs, *VERTEBRAE, *RIB_KEYS), 0, organs).astype(np.uint8)
    notes = _write_vertebrae(labels, vertebrae, ladder, fragments)
    named, rib_notes = _named_ribs(codes, found, ladder)
    return Refined(split_ribs(named, spacing_mm).onto(labels), {}, (*notes, *rib_notes))


def _write_vertebrae(
    labels: Labels, vertebrae: Sequence[Vertebra], ladder: Ladder, fragments: Sequence[Piece]
) -> list[str]:
    notes = [f"{len(fragments)} fragments far from any vertebra dropped"] if fragments else []
    for vertebra, index in zip(vertebrae, ladder.vertebrae, strict=True):
        if index is None:
            notes.append("a vertebra beyond the ends of the spine dropped")
            continue
        vertebra.piece.write(labels, number_of(VERTEBRAE[index]))
        if vertebra.votes[index] < NOTED_SHARE:
            before = VERTEBRAE[int(vertebra.votes.argmax())]
            notes.append(f"{before} is {VERTEBRAE[index]}")
    return notes


def _with_numbers(found: Found, ladder: Ladder, side: str) -> list[tuple[Rib, int | None]]:
    """Return a side's ribs and numbers; ribs without head count upwards from the topmost head."""
    ribs = [rib for rib in found.ribs if rib.side == side]
    numbers = list(ladder.ribs[side])
    for rib in (rib for rib in found.headless if rib.side == side):
        topmost = min((n for n in numbers if n is not None), default=0)
        ribs.append(rib)
        numbers.append(topmost - 1 if topmost > 1 else None)
    return list(zip(ribs, numbers, strict=True))


def _named_ribs(codes: Labels, found: Found, ladder: Ladder) -> tuple[Labels, list[str]]:
    """Return whole rib codes by the new count, and what changed."""
    named = np.zeros_like(codes)
    loose = len(found.loose)
    notes = [f"{loose} pieces that continue no rib dropped"] if loose else []
    for side in SIDES:
        for rib, number in _with_numbers(found, ladder, side):
            if number is None:
                notes.append(f"a {side} rib that fits no vertebra dropped")
                continue
            rib.piece.write(named, rib_code(number, side))
            if rib.votes[number - 1] < NOTED_SHARE:
                before = int(rib.votes.argmax()) + 1
                notes.append(f"{side} rib {before} is rib {number}")
    return named, notes
