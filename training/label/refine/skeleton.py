"""Spine and ribs of a labelled volume counted and named afresh."""

from collections.abc import Sequence

import numpy as np

from training.channels import number_of
from training.label.derive.derived import Spacing, mask_of
from training.label.derive.levels import VERTEBRAE
from training.label.derive.rib_codes import RIB_KEYS, whole_ribs
from training.label.derive.ribs import split_ribs
from training.label.labelled import Labels
from training.label.refine.ladder import Ladder, climb
from training.label.refine.pieces import Piece
from training.label.refine.plane import BodyPlane
from training.label.refine.refined import Refined
from training.label.refine.rib_names import NOTED_SHARE, named_ribs
from training.label.refine.ribs import find_ribs
from training.label.refine.vertebrae import Vertebra, find_vertebrae

SPINE = frozenset(VERTEBRAE)
RIBS = frozenset(RIB_KEYS)


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
    ribs = named_ribs(codes, found, ladder, spacing_mm)
    parts = split_ribs(ribs.codes, spacing_mm)
    return Refined(parts.onto(labels), ribs.unknown, (*notes, *ribs.notes))


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
