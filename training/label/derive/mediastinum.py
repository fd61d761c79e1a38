"""The mediastinum: everything between the lungs, in its upper, anterior, middle, posterior part.

Above the lower plate of T4 it is the upper one (Seibold et al. 2022). Below, the middle one is as
deep as heart, ascending aorta, vena cava and airway; what lies in front of these is anterior, what
lies behind them, down to the spine, posterior.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.channels import number_of
from training.label.derive.airway import ABOVE_CARINA_MM, bifurcation
from training.label.derive.derived import Derived, Spacing, layer, mask_of, refused
from training.label.derive.diaphragm import HEART
from training.label.derive.levels import VERTEBRAE, lower_plate, spine_course
from training.label.derive.lungs import lung
from training.label.labelled import Labels, Mask

UPPER, ANTERIOR, MIDDLE, POSTERIOR = KEYS = (
    "upper_mediastinum",
    "anterior_mediastinum",
    "middle_mediastinum",
    "posterior_mediastinum",
)
CORE = (*HEART, "ascending_aorta", "superior_vena_cava", "pulmonary_artery", "trachea")
WITHIN = (*CORE, "aorta", "aortic_arch", "descending_aorta", "esophagus")
BONES = (*VERTEBRAE, "sternum", "rib_cartilage", "clavicle_left", "clavicle_right")
BESIDE_SPINE_MM = 10.0  # it reaches so far behind the front of the vertebrae
SMOOTH_MM = 3.0
SURFACE_MM = 6.0
T4_ABOVE_CARINA_MM = 5.0


def mediastinum(organs: Labels, below: Mask, spacing_mm: Spacing) -> Derived:
    """Return the four parts, disjoint; `below` (z, y, x) is what lies below the domes.

    Unknown without both lungs, the heart, the spine, and either T4 or the carina.
    """
    right, left = lung(organs, "right"), lung(organs, "left")
    course, plane = spine_course(organs), plane_of_t4(organs, spacing_mm)
    if not (right.any() and left.any()):
        return refused(organs, "the mediastinum lies between two lungs", *KEYS)
    if course is None or not mask_of(organs, *HEART).any():
        return refused(organs, "heart and spine bound its parts, and one is not known", *KEYS)
    if plane is None:
        return refused(organs, "neither T4 nor the carina was found", *KEYS)
    all_of_it = _between_lungs(organs, right, left, spacing_mm)
    all_of_it &= ~below & ~mask_of(organs, *BONES) & _in_front_of_spine(course, organs, spacing_mm)
    return Derived(_parts(organs, all_of_it, plane, spacing_mm), frozenset(KEYS))


def plane_of_t4(organs: Labels, spacing_mm: Spacing) -> float | None:
    """Return the slice of the lower plate of T4, or a little above the carina, which is near it."""
    plate = lower_plate(organs, "vertebra_t4")
    if plate is not None:
        return plate
    fork = bifurcation(mask_of(organs, "trachea"), spacing_mm).labels > 0
    if not fork.any():
        return None
    carina = np.flatnonzero(fork.any((1, 2)))[-1] - ABOVE_CARINA_MM / spacing_mm[0]
    return float(carina + T4_ABOVE_CARINA_MM / spacing_mm[0])


def _between_lungs(organs: Labels, right: Mask, left: Mask, spacing_mm: Spacing) -> Mask:
    """Return what lies between both lungs' inner edges, smoothed, with its own organs whole."""
    gap = np.zeros_like(right)
    with_lung = np.asarray((right | left).any((1, 2)))[:, None, None]
    for z in np.flatnonzero(with_lung):
        gap[z] = _between(right[z], left[z])
    # 0.5 is where a smoothed straight border stays in its place.
    smooth = ndimage.gaussian_filter(gap.astype(np.float32), [SMOOTH_MM / s for s in spacing_mm])
    inside = (smooth > 0.5) | mask_of(organs, *WITHIN)  # noqa: PLR2004
    return np.asarray(inside & with_lung & ~right & ~left)


def _between(right: Mask, left: Mask) -> Mask:
    """Row by row, from the right lung's inner edge to the left lung's, on rows that hold both."""
    columns = np.arange(right.shape[1])
    right_edge = np.where(right, columns, -1).max(1)
    left_edge = np.where(left, columns, right.shape[1]).min(1)
    both: Mask = np.logical_and(right.any(1), left.any(1))
    inside = (columns > right_edge[:, None]) & (columns < left_edge[:, None])
    return np.asarray(inside & both[:, None])


def _in_front_of_spine(
    course: npt.NDArray[np.float64], organs: Labels, spacing_mm: Spacing
) -> Mask:
    back = course[:, 0] + BESIDE_SPINE_MM / spacing_mm[1]
    return np.asarray(np.arange(organs.shape[1])[None, :, None] <= back[:, None, None])


def _parts(organs: Labels, all_of_it: Mask, plane: float, spacing_mm: Spacing) -> Labels:
    front, back = _surfaces(mask_of(organs, *CORE), spacing_mm)
    rows = np.arange(organs.shape[1])[None, :, None]
    upper = all_of_it & (np.arange(len(organs))[:, None, None] >= plane)
    lower = all_of_it & ~upper
    masks = {
        UPPER: upper,
        MIDDLE: lower,
        ANTERIOR: lower & (rows < front[:, None, :]),
        POSTERIOR: lower & (rows > back[:, None, :]),
    }
    labels = layer(organs.shape, masks)
    # The smoothed surfaces cut through the heart's notches; the organs themselves are middle.
    labels[lower & mask_of(organs, *CORE)] = number_of(MIDDLE)
    return labels


def _surfaces(
    core: Mask, spacing_mm: Spacing
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return front and back row of the middle part, (z, x): nearest seen columns where it is not.

    Smooth, so that the part's border does not copy every notch of the heart.
    """
    seen = core.any(1)
    sampling = (spacing_mm[0], spacing_mm[2])
    nearest = tuple(
        ndimage.distance_transform_edt(
            ~seen, sampling=sampling, return_distances=False, return_indices=True
        )
    )
    front = np.argmax(core, axis=1)[nearest].astype(np.float64)
    back = (core.shape[1] - 1 - np.argmax(core[:, ::-1], axis=1))[nearest].astype(np.float64)
    sigma = [SURFACE_MM / mm for mm in sampling]
    return ndimage.gaussian_filter(front, sigma), ndimage.gaussian_filter(back, sigma)
