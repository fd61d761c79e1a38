"""Heart and lungs as a frontal film shows them: the cardiac silhouette, the lung fields.

A CT label of the heart ends at the muscle and runs up to the great vessels. A reader of a film sees
neither border: the shadow reaches to the lung, with the fat around the heart, and its top is where
the vessels' narrower shadow begins. The cardiothoracic ratio is defined on that shadow.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Mask = npt.NDArray[np.bool_]

# As shares of the heart's width in the picture.
NARROW_TOP = 0.22  # radius below which a part of the mask is a vessel, no heart
BESIDE = 0.16  # how far beside the heart its fat may reach
ROUNDED = 0.12
BAYS = 0.16  # radius, as a share of the lung field's width
UPPER_SHARE = 0.15  # of the heart's height, from its top, is not widened
FEWEST_PIXELS = 50


def silhouette(heart: Mask, mediastinum: Mask, lung_field: Mask) -> Mask:
    """The shadow of the heart (rows, columns) from its projection.

    `mediastinum` is all that lies between the lungs, `lung_field` both lungs as far as they are
    seen. What is too small to have a shape is returned as it is.
    """
    if heart.sum() < FEWEST_PIXELS:
        return heart
    width = int(np.ptp(np.flatnonzero(heart.any(0)))) + 1
    body = largest(opened(heart, max(2, round(NARROW_TOP * width))))
    if not body.any():
        return heart
    near = ndimage.distance_transform_edt(~body) <= BESIDE * width
    beside = mediastinum & ~lung_field & near & _rows_to_widen(body)
    filled = ndimage.binary_fill_holes(body | beside) & ~lung_field
    return np.asarray(opened(filled, max(2, round(ROUNDED * width))) | body)


def _rows_to_widen(body: Mask) -> Mask:
    """(rows, 1) those of the heart without its uppermost part."""
    rows = np.flatnonzero(body.any(1))
    first = rows[0] + UPPER_SHARE * (rows[-1] - rows[0])
    index = np.arange(len(body))[:, None]
    return np.asarray((index >= first) & (index <= rows[-1]))


def smooth_field(field: Mask, lung: Mask, covered: Mask) -> Mask:
    """A lung field as a reader outlines it: the inner border runs over the vessels of the hilum.

    `field` is the lung where the mediastinum is not opaque; bays up to `BAYS` of its width are
    filled as far as there is `lung` that heart and diaphragm have not `covered`.
    """
    if not field.any():
        return field
    width = int(np.ptp(np.flatnonzero(field.any(0)))) + 1
    filled = closed(field, max(2, round(BAYS * width)))
    return np.asarray(filled & ndimage.binary_fill_holes(lung) & ~covered)


def closed(mask: Mask, radius: int) -> Mask:
    """Morphological closing by a disc, by distances: what no disc outside the mask covers comes."""
    padded = np.pad(mask, 2 * radius)
    grown = ndimage.distance_transform_edt(~padded) <= radius
    inner = slice(2 * radius, -2 * radius)
    return np.asarray((ndimage.distance_transform_edt(grown) > radius)[inner, inner] | mask)


def opened(mask: Mask, radius: int) -> Mask:
    """Morphological opening by a disc, by distances: what no disc inside the mask covers goes."""
    padded = np.pad(mask, radius + 2)
    core = ndimage.distance_transform_edt(padded) > radius
    if not core.any():
        return np.zeros_like(mask)
    covered = ndimage.distance_transform_edt(~core) <= radius
    inner = slice(radius + 2, -radius - 2)
    return np.asarray(covered[inner, inner] & mask)


def largest(mask: Mask) -> Mask:
    """The largest component of a mask; an empty mask stays empty."""
    labels, count = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())[1:]
    return np.asarray(labels == 1 + int(np.argmax(sizes))) if count else mask
