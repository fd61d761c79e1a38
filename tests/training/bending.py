"""A known smooth bend of a volume, and the masks of its vertebrae as a radiograph shows them.

The bend is that of a beam: the axis along z becomes a planar curve whose tangent turns by a given
angle at each height, and what lies beside it stays beside it, square to the curve. End plates turn
by exactly the tangent's angle where they lie; a shear, which shifts slices, would tilt none.
"""

from collections.abc import Callable, Mapping

import numpy as np
import torch

from service.domain.image import PixelSpacing, SpacingProvenance, ViewPosition
from service.domain.segmentation import Segment, Segmentation
from service.measurements.registry import Subject
from tests.golden import STRUCTURE
from training.golden.parts import Part
from training.golden.stage import layered, spacing_mm, view_masks
from training.golden.views import EXPOSURES, Exposure

Angle = Callable[[np.ndarray], np.ndarray]
"""Degrees by which the axis leans to higher x (or y) at a height in mm above the middle."""

ITERATIONS = 40


def bent(labels: np.ndarray, angle: Angle, axis: int, voxel_mm: float) -> np.ndarray:
    """Bend labels (z, y, x) in the plane of z and `axis` (1: y, 2: x)."""
    swapped = labels if axis == 2 else labels.transpose(0, 2, 1)
    heights, offsets = _straight_position(swapped.shape[0], swapped.shape[2], angle, voxel_mm)
    z = np.round(heights / voxel_mm + (swapped.shape[0] - 1) / 2).astype(int)
    x = np.round(offsets / voxel_mm + (swapped.shape[2] - 1) / 2).astype(int)
    inside = (z >= 0) & (z < swapped.shape[0]) & (x >= 0) & (x < swapped.shape[2])
    found = swapped[z.clip(0, swapped.shape[0] - 1), :, x.clip(0, swapped.shape[2] - 1)]
    found = np.where(inside[..., None], found, 0).transpose(0, 2, 1)
    return found if axis == 2 else found.transpose(0, 2, 1)


def _straight_position(
    slices: int, width: int, angle: Angle, voxel_mm: float
) -> tuple[np.ndarray, np.ndarray]:
    """For each bent position (z, x): height along the axis and offset from it, in mm."""
    fine = np.arange(-slices * voxel_mm, slices * voxel_mm, voxel_mm / 4)
    turned = np.radians(angle(fine))
    steps = voxel_mm / 4
    up, aside = np.cumsum(np.cos(turned)) * steps, np.cumsum(np.sin(turned)) * steps
    middle = len(fine) // 2
    up, aside = up - up[middle], aside - aside[middle]
    z, x = np.meshgrid(
        (np.arange(slices) - (slices - 1) / 2) * voxel_mm,
        (np.arange(width) - (width - 1) / 2) * voxel_mm,
        indexing="ij",
    )
    height = z.copy()
    for _ in range(ITERATIONS):
        lean = np.interp(height, fine, turned)
        past = (z - np.interp(height, fine, up)) * np.cos(lean)
        past += (x - np.interp(height, fine, aside)) * np.sin(lean)
        height += 0.7 * past
    lean = np.interp(height, fine, turned)
    offset = (x - np.interp(height, fine, aside)) * np.cos(lean)
    offset -= (z - np.interp(height, fine, up)) * np.sin(lean)
    return height, offset


def exposure(name: str) -> Exposure:
    """`frontal` or `lateral`, as the golden masks are exposed."""
    return next(one for one in EXPOSURES if one.name == name)


def radiograph(masks: Mapping[str, np.ndarray], name: str, least_mm: float = 4.0) -> Subject:
    """Project structures (z, y, x), 1 mm voxels, and return what a measurement looks at."""
    torch.set_num_threads(1)
    taken = exposure(name)
    layers = layered([Part(key, mask, least_mm) for key, mask in masks.items()])
    found = view_masks(taken, layers)
    pixel = spacing_mm(taken, next(iter(masks.values())).shape)
    segments = tuple(
        Segment(number, key, key, STRUCTURE, STRUCTURE, None, (0, 0, 0))
        for number, key in enumerate(found, start=1)
    )
    view = ViewPosition.LATERAL if taken.turned else ViewPosition.POSTERO_ANTERIOR
    return Subject(
        Segmentation(segments, np.stack(list(found.values())), np.ones(len(found), np.float32)),
        PixelSpacing(pixel, pixel, SpacingProvenance.MAGNIFICATION_CORRECTED),
        view,
        patient_left_is_on_image_right=None if taken.turned else True,
    )
