"""Right and left by the body's plane: what lies on the wrong side takes its partner's name."""

from functools import cache

import numpy as np

from service.anatomy.structures import structures
from training.channels import number_of
from training.label.derive.derived import Spacing, mask_of
from training.label.derive.lungs import LOBES
from training.label.labelled import Labels
from training.label.refine.pieces import Piece, pieces
from training.label.refine.plane import BodyPlane
from training.label.refine.refined import Refined

TOLERANCE_MM = 10.0  # a plane through a bent spine is no better; nothing paired is so near to it
LIVER_LEFT_MM = 20.0
NO_PARTNER = {
    "lung_upper_lobe_right": "lung_upper_lobe_left",
    "lung_middle_lobe_right": "lung_upper_lobe_left",
    "lung_lower_lobe_right": "lung_lower_lobe_left",
    "lung_upper_lobe_left": "lung_upper_lobe_right",
    "lung_lower_lobe_left": "lung_lower_lobe_right",
}
# A lung may reach over the middle in front of the heart: only whole pieces of it change sides.
MAY_CROSS = {*LOBES["right"], *LOBES["left"], "right_lung", "left_lung"}


def partner(key: str) -> str | None:
    """Return the same structure of the other side; None for one that has no side."""
    for side, other in (("left", "right"), ("right", "left")):
        if key.endswith(f"_{side}"):
            return NO_PARTNER.get(key) or f"{key.removesuffix(side)}{other}"
        if key.startswith(f"{side}_"):
            return f"{other}_{key.removeprefix(f'{side}_')}"
    return None


@cache
def sided_keys() -> dict[str, str]:
    """Return every key that has a side in its name, and its partner."""
    keys = {s.key for s in structures()}
    found = {key: partner(key) for key in keys}
    return {key: other for key, other in found.items() if other is not None and other in keys}


def repair_sides(organs: Labels, plane: BodyPlane, spacing_mm: Spacing) -> Refined:
    """Return the organs with every paired structure on its own side of the plane.

    A liver on the left says that the whole volume may be mirrored, or its organs be: then no sided
    key is known, and nothing is relabelled.
    """
    liver = np.argwhere(mask_of(organs, "liver")) * np.asarray(spacing_mm)
    if len(liver) and np.median(plane.left_mm(liver)) > LIVER_LEFT_MM:
        reason = "the liver lies on the left: the volume is mirrored, or the organs are"
        return Refined(organs, dict.fromkeys(sided_keys(), reason))
    labels, notes = organs.copy(), []
    present = set(np.unique(organs).tolist())
    for key, other in sorted(sided_keys().items()):
        if number_of(key) not in present:
            continue
        moved = 0
        for piece in pieces(organs == number_of(key), organs):
            wrong = _on_wrong_side(piece, key, plane, spacing_mm)
            piece.part(wrong).write(labels, number_of(other))
            moved += int(wrong.sum())
        if moved:
            notes.append(f"{moved} voxels of {key} lay on the other side")
    return Refined(labels, {}, tuple(notes))


def _on_wrong_side(
    piece: Piece, key: str, plane: BodyPlane, spacing_mm: Spacing
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return which voxels change sides: all of a piece that lies there, or those beyond doubt."""
    sign = -1 if "right" in key else 1
    inwards = -sign * plane.left_mm(piece.points_mm(spacing_mm))
    if np.median(inwards) > TOLERANCE_MM:
        return np.asarray(inwards > -TOLERANCE_MM)
    if key in MAY_CROSS:
        return np.zeros(len(inwards), np.bool_)
    return np.asarray(inwards > TOLERANCE_MM)
