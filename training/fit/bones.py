"""How much of its bones a projection shows.

At the voxel size of a CT thin cortical bone is blurred with what lies beside it, so ribs that every
film shows are barely seen in a projection, and never their edges. A power below one lifts thin bone
and leaves the spine, which is thick, as it is.
"""

import math

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.float32]

POWERS = (0.35, 1.0)
GAINS = (0.8, 3.0)
THICK_BONE_PERCENTILE = 99


def brought_out(bone: Picture, random: np.random.Generator) -> Picture:
    """Bone integrals (rows, columns) of a random visibility, of the same unit."""
    power = np.float32(random.uniform(*POWERS))
    least, most = map(math.log, GAINS)
    gain = np.float32(math.exp(random.uniform(least, most)))
    thick = np.float32(np.percentile(bone, THICK_BONE_PERCENTILE))
    if thick <= 0:
        return bone
    return np.asarray(gain * thick * (bone / thick).clip(0) ** power, np.float32)
