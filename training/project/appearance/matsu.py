"""`matsu` of CT-Xray-Projections (Seibold et al.): one energy, little attenuation, no logarithm.

With mean HU m along n voxels of 1 mm: attenuation 0.00195 n (1 + m / 1000), which is a tenth of
what water really does, and a picture of 1 - exp(-attenuation). In millimetres instead of voxels
that is a tenth of the stored line integrals.
"""

import numpy as np

from training.project.picture import APPEARANCES, Integrals, Picture

PER_MM = 0.00195
STORED_PER_MM = 0.0195


@APPEARANCES.register("matsu")
def matsu(integrals: Integrals, random: np.random.Generator) -> Picture:
    """The share that is absorbed; nothing here is random."""
    del random
    return absorbed(integrals.water + integrals.bone)


def absorbed(integral: Picture) -> Picture:
    """1 - exp(-attenuation) for stored line integrals (rows, columns)."""
    return np.asarray(1 - np.exp(-integral * np.float32(PER_MM / STORED_PER_MM)), np.float32)
