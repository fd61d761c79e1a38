"""`hist_matsu`, the default of CT-Xray-Projections: `sharpening`, its histogram made flat."""

import numpy as np

from training.project.appearance.sharpening import sharpening
from training.project.picture import APPEARANCES, Integrals, Picture

GREYS = 256


@APPEARANCES.register("hist_matsu")
def hist_matsu(integrals: Integrals, random: np.random.Generator) -> Picture:
    """Each grey value becomes the share of pixels that are not brighter, 0 to 1."""
    picture = sharpening(integrals, random)
    counts, edges = np.histogram(picture, GREYS)
    share = np.cumsum(counts) / picture.size
    return np.asarray(np.interp(picture, edges[1:], share), np.float32)
