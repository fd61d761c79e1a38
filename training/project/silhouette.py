"""Heart and lungs as a frontal film shows them: the cardiac silhouette, the lung fields.

A CT label of the heart ends at the muscle and runs up to the great vessels. A reader of a film sees
neither border: the shadow reaches to the lung, with the fat around the heart, and its top is where
the vessels' narrower shadow begins. The cardiothoracic ratio is defined on that shadow.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Mask = npt.NDArray[np.bool_]

# As shares of the side of a square of the heart's area.
JOINED = 0.08  # radius of gaps between its chambers that are no border
NARROW_TOP = 0.33  # radius below which a part of the mask is a vessel, no heart
ROUNDED = 0.15
BESIDE = 0.45  # how far beside the heart its fat and what lies behind it may reach
LEAST_BODY = 0.55  # of the heart's area that is no vessel
SHRINK = 0.9
SMALLEST_RADIUS = 2
UPPER_SHARE = 0.15  # of the heart's height, from its top, is not widened
BAYS = 0.16  # radius, as a share of the lung field's width
FEWEST_PIXELS = 50


def silhouette(heart: Mask, mediastinum: Mask, lung_field: Mask) -> Mask:
    """The shadow of the heart (rows, columns) from its projection.

    `mediastinum` is all that lies between the lungs, `lung_field` both lungs as far as they are
    seen. What is too small to have a shape is returned as it is.
    """
    if heart.sum() < FEWEST_PIXELS:
        return heart
    side = float(np.sqrt(heart.sum()))
    body = _body(ndimage.binary_fill_holes(closed(heart, max(2, round(JOINED * side)))), side)
    near = ndimage.distance_transform_edt(~body) <= BESIDE * side
    beside = (mediastinum | heart) & ~lung_field & near & _rows_to_widen(body)
    filled = ndimage.binary_fill_holes(body | beside) & ~lung_field
    return largest(np.asarray(opened(filled, max(2, round(ROUNDED * side))) | body))


def _body(heart: Mask, side: float) -> Mask:
    """The heart without its vessels: the widest disc that still leaves most of it opens it."""
    radius = NARROW_TOP * side
    while radius > SMALLEST_RADIUS:
        body = largest(opened(heart, round(radius)))
        if body.sum() >= LEAST_BODY * heart.sum():
            return body
        radius *= SHRINK
    return largest(heart)


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
