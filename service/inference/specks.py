"""Specks beside a structure that is one piece: slips of a network, dropped before measuring.

They are dropped on the grid of the model's output, where finding them costs next to nothing; on
a film of twelve megapixels it would take longer than the network.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from service.inference.manifest import LabelEntry, Pieces

SPECK_SHARE = 0.1
"""A component smaller than this share of the structure's largest one is a speck."""
_TOUCHING = np.ones((3, 3), np.bool_)


def cleaned(plane: NDArray[np.float32], label: LabelEntry) -> NDArray[np.float32]:
    """Return the plane with the specks at 0 when its label is one piece, the plane itself if not.

    plane: float32 (rows, columns), 0-1. What surrounds a speck lies below the threshold and keeps
    its values, so that no other border moves.
    """
    if label.pieces is Pieces.MANY:
        return plane
    components, count = ndimage.label(plane >= label.threshold, _TOUCHING)
    if count < 2:  # noqa: PLR2004 - nothing to choose from
        return plane
    sizes = np.bincount(components.ravel())
    sizes[0] = 0
    is_speck = sizes < SPECK_SHARE * sizes.max()
    is_speck[0] = False
    return np.where(is_speck[components], np.float32(0), plane) if is_speck.any() else plane
