"""Breasts by rule: soft and fatty tissue that bulges in front of the chest wall, on both sides.

A flat chest is not proof that there is no breast, and fat alone is no breast: only where both sides
bulge clear of the sternum, hold glandular tissue, and lie wholly in the scan, are they known.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.label.derive.derived import Derived, Spacing, layer, mask_of, refused
from training.label.derive.levels import spine_course
from training.label.derive.lungs import lungs
from training.label.derive.rib_codes import RIB_KEYS
from training.label.labelled import Labels, Mask

RIGHT, LEFT = KEYS = ("breast_right", "breast_left")
HU = np.int16
MUSCLE_MM = 12.0  # the pectoral muscles, in front of ribs and sternum
SKIN_MM = 2.0
THICK_MM = 10.0
PEAK_MM = 25.0
CLEAR_OF_STERNUM_MM = 15.0
FROM_MIDLINE_MM = (20.0, 130.0)
HEIGHT_OF_LUNG = (0.2, 0.75)
GLAND_HU = -20
TISSUE_HU = (-200, 200)
GLAND_SHARE = 0.05
SEEN_SHARE = 0.98
SMOOTH_MM = 6.0


@dataclass(frozen=True, slots=True)
class Front:
    """The chest's front seen from ahead: arrays (z, x) of rows and millimetres along y.

    `skin` is the row below the skin, which is `skin_rows` thick; `wall` is -1 where there is none.
    """

    skin_rows: float
    skin: npt.NDArray[np.float64]
    wall: npt.NDArray[np.float64]
    thickness_mm: npt.NDArray[np.float64]
    from_midline_mm: npt.NDArray[np.float64]


def breasts(organs: Labels, body: Mask, hu: npt.NDArray[HU], spacing_mm: Spacing) -> Derived:
    """Return both breasts, or neither with the reason; arrays are (z, y, x)."""
    course = spine_course(organs)
    heights = _heights(lungs(organs), spacing_mm)
    if course is None or heights is None:
        return refused(organs, "the breasts' place is counted from spine and lungs", *KEYS)
    front = _front(organs, body, course[:, 1], spacing_mm)
    if _cut_skin(front, heights) > 1 - SEEN_SHARE:
        return refused(organs, "the scan does not hold the skin of the chest", *KEYS)
    masks = {key: _side(front, heights, key, body.shape) for key in KEYS}
    reason = _doubt(front, masks, heights, hu)
    if reason:
        return refused(organs, reason, *KEYS)
    fits = body & (hu > TISSUE_HU[0]) & (hu < TISSUE_HU[1])
    return Derived(layer(body.shape, {k: m & fits for k, m in masks.items()}), frozenset(KEYS))


def _cut_skin(front: Front, heights: slice) -> float:
    """Return the share of the chest's columns whose body begins at the edge of the scan."""
    chest = front.wall[heights] >= 0
    begins_at_edge = front.skin[heights] < front.skin_rows + 1
    return float(begins_at_edge[chest].mean()) if chest.any() else 1.0


def _heights(lung: Mask, spacing_mm: Spacing) -> slice | None:
    """Return the slices in which breasts lie: a share of the lungs' height."""
    slices = np.flatnonzero(lung.any((1, 2)))
    if len(slices) * spacing_mm[0] < 100:  # noqa: PLR2004 - no whole chest is so low
        return None
    low, high = (round(slices[0] + share * (slices[-1] - slices[0])) for share in HEIGHT_OF_LUNG)
    return slice(low, high + 1)


def _front(
    organs: Labels, body: Mask, middle: npt.NDArray[np.float64], spacing_mm: Spacing
) -> Front:
    chest = mask_of(organs, *RIB_KEYS, "sternum", "rib_cartilage") | lungs(organs)
    skin = np.argmax(body, axis=1).astype(np.float64)
    seen = chest.any(1) & body.any(1)
    sigma = [SMOOTH_MM / spacing_mm[0], SMOOTH_MM / spacing_mm[2]]
    wall = np.where(seen, np.argmax(chest, axis=1), np.inf)
    # Between two ribs the wall is where the ribs are, not the lung behind them.
    wall = ndimage.minimum_filter(wall, size=[max(1, round(15 / spacing_mm[0])), 1])
    wall = np.stack([_convex(row) for row in wall])
    seen = np.isfinite(wall) & body.any(1)
    depth = np.where(seen, wall - skin, 0.0) * spacing_mm[1] - MUSCLE_MM - SKIN_MM
    columns = np.arange(body.shape[2])[None] - middle[:, None]
    muscle, skin_rows = MUSCLE_MM / spacing_mm[1], SKIN_MM / spacing_mm[1]
    return Front(
        skin_rows,
        skin + skin_rows,
        np.where(seen, wall - muscle, -1),
        ndimage.gaussian_filter(depth, sigma),
        columns * spacing_mm[2],
    )


def _convex(wall: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the rows of a slice's wall spanned by a tape around it; infinite where there is none.

    Between sternum and lung, or where a rib has no label, the wall would seem to lie far behind.
    """
    columns = np.flatnonzero(np.isfinite(wall))
    chain: list[int] = []
    for x in columns:
        while len(chain) > 1 and _bends_back(wall, chain[-2], chain[-1], int(x)):
            chain.pop()
        chain.append(int(x))
    if not chain:
        return wall
    every = np.arange(len(wall))
    return np.interp(every, chain, wall[chain], left=np.inf, right=np.inf)


def _bends_back(wall: npt.NDArray[np.float64], a: int, b: int, c: int) -> bool:
    """Whether the middle one of three points lies on or behind the line through the others."""
    return bool((wall[b] - wall[a]) * (c - a) >= (wall[c] - wall[a]) * (b - a))


def _side(front: Front, heights: slice, key: str, shape: tuple[int, ...]) -> Mask:
    """Return the tissue of one side, bool (z, y, x): its largest piece seen from ahead."""
    outwards = front.from_midline_mm * (-1 if key == RIGHT else 1)
    thick = (outwards > FROM_MIDLINE_MM[0]) & (outwards < FROM_MIDLINE_MM[1])
    thick &= front.thickness_mm > THICK_MM
    thick[: heights.start] = thick[heights.stop :] = False
    pieces, count = ndimage.label(thick)
    if count == 0:
        return np.zeros(shape, np.bool_)
    largest = pieces == np.argmax(np.bincount(pieces.ravel())[1:]) + 1
    rows = np.arange(shape[1])[None, :, None]
    inside = (rows >= front.skin[:, None, :]) & (rows < front.wall[:, None, :])
    return np.asarray(inside & largest[:, None, :])


def _doubt(front: Front, masks: dict[str, Mask], heights: slice, hu: npt.NDArray[HU]) -> str | None:
    """Return why the bulges are not trusted to be breasts; None when they are."""
    near = np.abs(front.from_midline_mm[heights]) < FROM_MIDLINE_MM[0]
    before_sternum = float(np.median(front.thickness_mm[heights][near]))
    for mask in masks.values():
        thickness = front.thickness_mm[mask.any(1)]
        peak = float(np.quantile(thickness, 0.9)) if len(thickness) else 0.0
        if peak < PEAK_MM or peak - before_sternum < CLEAR_OF_STERNUM_MM:
            return "the chest is too flat to tell a breast from other tissue"
        if (hu[mask] > GLAND_HU).mean() < GLAND_SHARE:
            return "what bulges from the chest holds fat alone"
    return None
