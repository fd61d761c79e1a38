"""One piece of each organ, but for those that come in several."""

import numpy as np

from service.anatomy.structures import structures
from training.label.derive.derived import Spacing
from training.label.derive.levels import VERTEBRAE
from training.label.derive.rib_codes import RIB_KEYS
from training.label.labelled import Labels
from training.label.refine.pieces import Piece, pieces
from training.label.refine.refined import Refined

IN_PIECES = {"rib_cartilage", "small_bowel", "pulmonary_artery", "esophagus", "aorta"}
COUNTED = {*VERTEBRAE, *RIB_KEYS}  # whose pieces were judged one by one already
KEPT_SHARE = 0.1  # of the largest piece: one so large at the edge of the scan is the same organ
NOTED_MM3 = 1000.0


def largest_pieces(organs: Labels, spacing_mm: Spacing) -> Refined:
    """Return the organs with the largest piece of each, and what else of it the scan cuts off."""
    labels, notes = organs.copy(), []
    present = set(np.unique(organs).tolist())
    for structure in structures():
        if structure.number not in present or structure.key in IN_PIECES | COUNTED:
            continue
        found = sorted(pieces(organs == structure.number, organs), key=lambda p: -len(p.voxels))
        dropped = [p for p in found[1:] if not _same_organ(p, found[0], organs.shape)]
        for piece in dropped:
            piece.write(labels, 0)
        volume = sum(piece.volume_mm3(spacing_mm) for piece in dropped)
        if volume >= NOTED_MM3:
            notes.append(f"{volume / 1000:.1f} ml of {structure.key} in other pieces dropped")
    return Refined(labels, {}, tuple(notes))


def _same_organ(piece: Piece, largest: Piece, shape: tuple[int, ...]) -> bool:
    at_edge = (piece.voxels == 0).any() or (piece.voxels == np.array(shape) - 1).any()
    return bool(at_edge) and len(piece.voxels) >= KEPT_SHARE * len(largest.voxels)
