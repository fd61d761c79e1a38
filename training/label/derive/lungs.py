"""Lungs, whether they are drawn whole or in lobes."""

from training.label.derive.derived import mask_of
from training.label.labelled import Labels, Mask

LOBES = {
    "right": ("lung_upper_lobe_right", "lung_middle_lobe_right", "lung_lower_lobe_right"),
    "left": ("lung_upper_lobe_left", "lung_lower_lobe_left"),
}
EVERY_LOBE = (*LOBES["right"], *LOBES["left"])


def lung(organs: Labels, side: str) -> Mask:
    """Return one lung (z, y, x), whether it is there whole or in lobes; side: right or left."""
    return mask_of(organs, f"{side}_lung", *LOBES[side])


def lungs(organs: Labels) -> Mask:
    """Return both lungs (z, y, x)."""
    return lung(organs, "right") | lung(organs, "left")
