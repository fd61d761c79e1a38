"""`bone_matsu` of CT-Xray-Projections: two S-curves, of the whole body and of its bones, added.

There bone is what has 400 to 1600 HU, everything else counts as water (not air). The stored bone
integral begins at 150 HU and leaves those 150 HU to the water; the length of a ray through the
volume, there the number of voxels, is taken as 350 mm.
"""

import numpy as np

from training.project.appearance.matsu import STORED_PER_MM, absorbed
from training.project.picture import APPEARANCES, Integrals, Picture

SLOPE, CENTRE = -4.0, 2.0
RAY_MM = 350.0


@APPEARANCES.register("bone_matsu")
def bone_matsu(integrals: Integrals, random: np.random.Generator) -> Picture:
    """1 - (S(body) + S(bones in water)), each S falling where its argument is above average."""
    del random
    bones = absorbed(integrals.bone + np.float32(RAY_MM * STORED_PER_MM))
    body = absorbed(integrals.water + integrals.bone)
    return np.asarray(1 - (falling(body) + falling(bones)), np.float32)


def falling(value: Picture) -> Picture:
    """1 / (1 + exp(-a (v - b mean v))) with a = -4 and b = 2."""
    return np.asarray(1 / (1 + np.exp(-SLOPE * (value - CENTRE * value.mean()))), np.float32)
