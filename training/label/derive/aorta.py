"""The aorta's parts: the arch above, the ascending limb in front, the descending one behind."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.channels import number_of
from training.label.derive.derived import Derived, Spacing, layer
from training.label.labelled import Labels, Mask

PARTS = ("ascending_aorta", "aortic_arch", "descending_aorta")
LIMBS = (number_of("ascending_aorta"), number_of("descending_aorta"))
LIMBS_APART_MM = 15.0  # from front to back, between the centres of the two limbs
SMALLEST_LIMB_MM2 = 50.0
Pieces = npt.NDArray[np.int32]


def split_aorta(aorta: Mask, spacing_mm: Spacing) -> Derived:
    """Return arch, ascending and descending part of the vessel, bool (z, y, x).

    The arch is what lies above the highest slice that cuts the vessel twice, one limb behind the
    other. From there both limbs are followed downwards slice by slice; the abdominal aorta belongs
    to the descending one. A vessel that is never cut twice stays whole, and its parts unknown.
    """
    top = _highest_cut_in_two(aorta, spacing_mm)
    if top is None:
        reason = "no slice cuts the aorta in an ascending and a descending limb"
        unknown = dict.fromkeys(PARTS, reason) if aorta.any() else {}
        known = frozenset({"aorta"} if unknown else {"aorta", *PARTS})
        return Derived(layer(aorta.shape, {"aorta": aorta}), known, unknown)
    labels = _followed_down(aorta, *top, spacing_mm)
    above = labels[top[0] + 1 :]
    above[aorta[top[0] + 1 :]] = number_of("aortic_arch")
    return Derived(labels, frozenset({"aorta", *PARTS}))


def _highest_cut_in_two(aorta: Mask, spacing_mm: Spacing) -> tuple[int, Labels] | None:
    """Return the slice, and in it the two limbs by number."""
    for z in np.flatnonzero(aorta.any((1, 2)))[::-1]:
        limbs = _limbs(aorta[z], spacing_mm)
        if limbs is not None:
            return int(z), np.select(limbs, LIMBS).astype(np.uint8)
    return None


def _limbs(cut: Mask, spacing_mm: Spacing) -> tuple[Mask, Mask] | None:
    """Return the piece in front and the one behind, if both are large and far enough apart."""
    pieces, count = ndimage.label(cut)
    smallest = SMALLEST_LIMB_MM2 / (spacing_mm[1] * spacing_mm[2])
    large = [n for n in range(1, count + 1) if (pieces == n).sum() >= smallest]
    rows = {n: float(np.nonzero(pieces == n)[0].mean()) for n in large}
    if not large:
        return None
    front, behind = min(large, key=rows.__getitem__), max(large, key=rows.__getitem__)
    if (rows[behind] - rows[front]) * spacing_mm[1] < LIMBS_APART_MM:
        return None
    return pieces == front, pieces == behind


def _followed_down(aorta: Mask, top: int, limbs: Labels, spacing_mm: Spacing) -> Labels:
    """Give every voxel from slice `top` downwards to the limb that it continues."""
    labels = np.zeros(aorta.shape, np.uint8)
    previous = limbs
    for z in range(top, -1, -1):
        if aorta[z].any():
            labels[z] = previous = _continued(aorta[z], previous, spacing_mm)
    return labels


def _continued(cut: Mask, above: Labels, spacing_mm: Spacing) -> Labels:
    """Each piece takes the limb above it; a piece below both is shared out by nearness."""
    nearest = ndimage.distance_transform_edt(
        above == 0, sampling=spacing_mm[1:], return_distances=False, return_indices=True
    )
    spread: Labels = above[tuple(nearest)]
    found = np.where(cut, spread, 0).astype(np.uint8)
    pieces, count = ndimage.label(cut)
    for index in range(1, count + 1):
        piece = pieces == index
        touched = [n for n in LIMBS if (above[piece] == n).any()]
        if len(touched) == 1:
            found[piece] = touched[0]
    return found
