"""Lungs from lobes, and lobes spread over lungs that were found by other means."""

import numpy as np
from scipy import ndimage

from training.channels import number_of
from training.label.derive.derived import Derived, Spacing, mask_of
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


def lobes_in(lobes: Labels, right_lung: Mask, left_lung: Mask, spacing_mm: Spacing) -> Derived:
    """Return the lungs divided into lobes: each voxel takes the nearest lobe of its own side.

    `lobes` holds lobes as another source drew them, perhaps warped; what lies outside the lungs is
    dropped. A side without any lobe stays one lung, and its lobes are unknown.
    """
    found = np.zeros_like(lobes)
    known = {"right_lung", "left_lung"}
    unknown: dict[str, str] = {}
    for side, mask in (("right", right_lung), ("left", left_lung)):
        drawn = mask_of(lobes, *LOBES[side])
        if drawn.any():
            found[mask] = _nearest(np.where(drawn, lobes, 0), spacing_mm)[mask]
            known |= set(LOBES[side])
        else:
            found[mask] = number_of(f"{side}_lung")
            unknown |= dict.fromkeys(LOBES[side], f"no lobe of the {side} lung was drawn")
    return Derived(found, frozenset(known), unknown)


def _nearest(labels: Labels, spacing_mm: Spacing) -> Labels:
    index = ndimage.distance_transform_edt(
        labels == 0, sampling=spacing_mm, return_distances=False, return_indices=True
    )
    spread: Labels = labels[tuple(index)]
    return spread
