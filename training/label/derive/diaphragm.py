"""The region below each dome of the diaphragm: the body under lung and heart, inside the chest.

In the CXAS data set the diaphragm is that region, split centrally; its upper border is the dome.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.label.derive.derived import Derived, Spacing, layer, mask_of, refused
from training.label.derive.levels import spine_course
from training.label.derive.lungs import lung
from training.label.derive.rib_codes import RIB_KEYS
from training.label.labelled import Labels, Mask

KEYS = ("right_hemidiaphragm", "left_hemidiaphragm")
HEART = (
    "heart",
    "heart_atrium_left",
    "heart_atrium_right",
    "heart_myocardium",
    "heart_ventricle_left",
    "heart_ventricle_right",
)
POSTERIOR_RIBS = tuple(key for key in RIB_KEYS if not key.startswith("anterior"))
RIB_GAP_MM = 30.0
RIDGE_MM = 40.0  # what rises from the dome on a narrower base is a vessel, or the lung's ligament
SMOOTH_MM = 3.5
CHEST_GAP_MM = 75.0  # the lungs, seen from above, are nearer to each other than twice this
COARSE_MM = 4.0


def hemidiaphragms(organs: Labels, body: Mask, spacing_mm: Spacing) -> Derived:
    """Return what lies below each dome; arrays are (z, y, x).

    Unknown without both lungs, and without the heart, under which the dome would be guessed.
    """
    right, left = lung(organs, "right"), lung(organs, "left")
    heart = mask_of(organs, *HEART)
    if not (right.any() and left.any()):
        return refused(organs, "the domes are seen against two lungs", *KEYS)
    if not heart.any():
        return refused(organs, "without the heart the dome below it is not known", *KEYS)
    height = dome_height(right | left, heart, spacing_mm)
    below = np.arange(len(organs))[:, None, None] < height
    below &= body & chest_outline(right | left, spacing_mm) & ~(right | left | heart)
    below &= ~_behind_ribs(organs, spacing_mm)
    is_right = np.arange(organs.shape[2])[None, None] < _middle(organs, right, left)
    masks = {KEYS[0]: below & is_right, KEYS[1]: below & ~is_right}
    return Derived(layer(organs.shape, masks), frozenset(KEYS))


def dome_height(lungs: Mask, heart: Mask, spacing_mm: Spacing) -> npt.NDArray[np.float64]:
    """Return the slice of the diaphragm, float (y, x): the lowest of lungs and heart above it.

    Columns without either take the height of the nearest column that has one.
    """
    chest = lungs | heart
    lowest = np.argmax(chest, axis=0)
    nearest = ndimage.distance_transform_edt(
        ~chest.any(axis=0), sampling=spacing_mm[1:], return_distances=False, return_indices=True
    )
    spread = lowest[tuple(nearest)].astype(np.float64)
    ridge = [max(1, round(RIDGE_MM / mm)) for mm in spacing_mm[1:]]
    opened = ndimage.grey_opening(spread, size=ridge)
    return np.asarray(ndimage.gaussian_filter(opened, [SMOOTH_MM / mm for mm in spacing_mm[1:]]))


def chest_outline(lungs: Mask, spacing_mm: Spacing) -> Mask:
    """Return the inside of the chest wall seen from above, (1, y, x): lungs and what is between.

    The gap is closed on a coarse grid; the fine outline of the lungs themselves is kept.
    """
    seen = lungs.any(axis=0)
    zoom = [mm / COARSE_MM for mm in spacing_mm[1:]]
    coarse = ndimage.zoom(seen.astype(np.float32), zoom, order=1, grid_mode=True, mode="nearest")
    steps = round(CHEST_GAP_MM / COARSE_MM)
    padded = np.pad(coarse > 0.5, steps + 1)  # noqa: PLR2004 - half of a voxel
    closed = ndimage.binary_closing(padded, iterations=steps)[steps + 1 : -steps - 1]
    closed = closed[:, steps + 1 : -steps - 1]
    rows, columns = (
        np.minimum((np.arange(n) + 0.5) * c / n, c - 1).astype(int)
        for n, c in zip(seen.shape, closed.shape, strict=True)
    )
    return np.asarray(ndimage.binary_fill_holes(seen | closed[np.ix_(rows, columns)])[None])


def _behind_ribs(organs: Labels, spacing_mm: Spacing) -> Mask:
    """Return what lies on or behind the posterior ribs: chest wall, below a lung that bulges.

    A gap between two ribs takes the nearest rib's row.
    """
    ribs = mask_of(organs, *POSTERIOR_RIBS)
    first = np.where(ribs.any(1), np.argmax(ribs, axis=1), organs.shape[1])
    reach = 2 * round(RIB_GAP_MM / spacing_mm[0] / 2) + 1
    first = ndimage.minimum_filter(first, size=(reach, 1))
    return np.asarray(np.arange(organs.shape[1])[None, :, None] >= first[:, None, :])


def _middle(organs: Labels, right: Mask, left: Mask) -> npt.NDArray[np.float64]:
    """Return the middle column per slice, (z, 1, 1): the spine's, or half-way between the lungs."""
    course = spine_course(organs)
    if course is not None:
        return course[:, 1][:, None, None]
    centres = [float(np.nonzero(mask)[2].mean()) for mask in (right, left)]
    return np.full((len(organs), 1, 1), np.mean(centres))
