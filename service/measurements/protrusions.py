"""How far the body of a structure reaches, without a vessel that hangs on to it.

A heart's mask may trail off into a pulmonary artery or a vein: thin beside the heart, but no spike
of single pixels. What a disc that fits into the structure cannot reach is left out, except what
lies within a little more than the disc's radius: rounded and blunt corners stay whole.
"""

import numpy as np
from scipy import ndimage

from service.measurements.shape import Shape

RADIUS = 0.08
"""Of the disc, in heights of the structure: what is thinner than twice that may be cut off."""
REACH = 1.5
"""Radii from the disc's centre that still belong to the body; keeps corners of 84 degrees whole."""
_GRID = 64


def body_columns(shape: Shape) -> tuple[int, int]:
    """Return the first and last column, in the shape's own box, that its body reaches."""
    step = max(1, shape.mask.shape[0] // _GRID)
    coarse = np.pad(shape.mask[::step, ::step], 1)
    radius = RADIUS * shape.mask.shape[0] / step
    centres = ndimage.distance_transform_edt(coarse) >= radius
    if not centres.any():
        return 0, int(shape.mask.shape[1]) - 1
    near = ndimage.distance_transform_edt(~centres) <= REACH * radius
    reached = np.flatnonzero((coarse & near).any(axis=0)) - 1
    first, last, end = int(reached[0]) * step, int(reached[-1]) * step, shape.mask.shape[1] - 1
    # The coarse grid knows the ends to a step only: what is that short is no vessel.
    return 0 if first <= step else first, end if last >= end - 2 * step else last
