"""Projections of a scan with a mask laid over it, as a vision model or a person judges them.

After Label Critic (Bassi et al. 2024): the windowed CT summed along an axis and divided by its
maximum; the mask summed likewise, its positive values between 0.5 and 1, in red.
"""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from PIL import Image

from training.label.critic.classes import WHOLE_RIBS
from training.label.critic.question import Question, Scan
from training.label.derive.levels import VERTEBRAE
from training.label.derive.rib_codes import RIB_KEYS
from training.label.labelled import Mask

ORGAN_WINDOW_HU = (-150, 250)
BONE_WINDOW_HU = (-500, 1500)
BONES = {
    *VERTEBRAE,
    *RIB_KEYS,
    *WHOLE_RIBS,
    "sternum",
    "clavicle_left",
    "clavicle_right",
    "scapula_left",
    "scapula_right",
}
HIGHEST_PIXELS = 384
GAP_PIXELS = 8
Picture = npt.NDArray[np.uint8]


class View(StrEnum):
    """The value is the name in pictures and in the protocol."""

    FRONTAL = "frontal"
    LATERAL = "lateral"


def overlays(key: str, scan: Scan, mask: Mask) -> Mapping[View, Picture]:
    """Return RGB pictures (rows, columns, 3), the head on top.

    Frontal: the patient's right on the picture's left. Lateral: the front on the picture's left.
    """
    window = BONE_WINDOW_HU if key in BONES else ORGAN_WINDOW_HU
    return {view: _overlay(view, scan, mask, window) for view in View}


def side_by_side(question: Question) -> Picture:
    """Return the first mask's pictures above the second's."""
    both = [
        overlays(question.key, question.scan, mask) for mask in (question.first, question.second)
    ]
    rows = [_joined([pictures[view] for view in View], axis=1) for pictures in both]
    return _joined(rows, axis=0)


def _joined(pictures: list[Picture], axis: int) -> Picture:
    gap_shape = list(pictures[0].shape)
    gap_shape[axis] = GAP_PIXELS
    gap = np.full(gap_shape, 255, np.uint8)
    return np.concatenate([pictures[0], gap, *pictures[1:]], axis=axis)


def _overlay(view: View, scan: Scan, mask: Mask, window: tuple[int, int]) -> Picture:
    axis = 1 if view is View.FRONTAL else 2
    low, high = window
    ct = np.clip(scan.hu, low, high).sum(axis, dtype=np.float64) - low * scan.hu.shape[axis]
    grey = ct / max(1.0, float(ct.max()))
    drawn = mask.sum(axis).astype(np.float64)
    red = np.where(drawn > 0, 0.5 + 0.5 * drawn / max(1.0, float(drawn.max())), grey)
    fainter = np.where(drawn > 0, 0.5 * grey, grey)
    picture = (np.stack([red, fainter, fainter], -1)[::-1] * 255).astype(np.uint8)
    return _square_pixels(picture, scan.spacing_mm[0], scan.spacing_mm[3 - axis])


def _square_pixels(picture: Picture, row_mm: float, column_mm: float) -> Picture:
    height_mm, width_mm = picture.shape[0] * row_mm, picture.shape[1] * column_mm
    pixel_mm = max(1.0, height_mm / HIGHEST_PIXELS)
    size = (max(1, round(width_mm / pixel_mm)), max(1, round(height_mm / pixel_mm)))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR))
