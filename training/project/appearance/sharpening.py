"""`sharpening` of CT-Xray-Projections: detail above a box of 3 x 3 pixels lifted by 0.7."""

import numpy as np
from scipy import ndimage

from training.project.appearance.bone_matsu import bone_matsu
from training.project.picture import APPEARANCES, Integrals, Picture

LIFT = 0.7
BOX = 3


@APPEARANCES.register("sharpening")
def sharpening(integrals: Integrals, random: np.random.Generator) -> Picture:
    """`bone_matsu` with its detail lifted."""
    picture = bone_matsu(integrals, random)
    smooth = ndimage.uniform_filter(picture, BOX, mode="nearest")
    return np.asarray(picture + LIFT * (picture - smooth), np.float32)
