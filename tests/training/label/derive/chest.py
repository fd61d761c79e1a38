"""A drawn chest of organs, 4 mm voxels: lungs on domes, heart, airway, spine, aorta, skin.

Axes (z, y, x): z to the head, y to the back, x to the patient's left. Millimetres from the middle.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from training.channels import number_of

MM = 4.0
SPACING = (MM, MM, MM)
EXTENT = (320, 240, 360)
DOME_MM = -40.0  # height of both domes' tops
T4_LOWER_MM = 64.0


@dataclass(frozen=True)
class Chest:
    """The drawn chest: organs in numbers of the structure table, body, HU."""

    organs: np.ndarray
    body: np.ndarray
    hu: np.ndarray


def millimetres() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    z, y, x = ((np.arange(size / MM) + 0.5) * MM - size / 2 for size in EXTENT)
    return tuple(np.meshgrid(z, y, x, indexing="ij"))


def chest() -> Chest:
    """Draw it; the arrays are the caller's to change."""
    return Chest(*(array.copy() for array in _drawn()))


@cache
def _drawn() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    z, y, x = millimetres()
    organs = np.zeros(z.shape, np.uint8)
    body = (x / 165) ** 2 + (y / 105) ** 2 < 1
    for side, sign in (("right", -1), ("left", 1)):
        lung = ((x - sign * 75) / 58) ** 2 + (y / 85) ** 2 < 1
        dome = DOME_MM - ((x - sign * 75) ** 2 + y**2) / 250
        organs[lung & (z > dome) & (z < 130)] = number_of(f"{side}_lung")
    heart = ((x - 20) / 50) ** 2 + ((y + 25) / 40) ** 2 + (z / 45) ** 2 < 1
    organs[heart] = number_of("heart")
    for place, key in enumerate([f"vertebra_t{n}" for n in range(1, 13)]):
        # T4 spans 64 to 88 mm: twelve vertebrae of 24 mm, T1 topmost.
        low = T4_LOWER_MM + 24 * (3 - place)
        organs[(np.hypot(x, y - 60) < 18) & (z > low) & (z < low + 24)] = number_of(key)
        process = (np.abs(x) < 5) & (np.abs(y - 85) < 12)
        organs[process & (z > low - 10) & (z < low + 10)] = number_of(key)
    organs[(np.hypot(x, y - 20) < 9) & (z > T4_LOWER_MM - 8)] = number_of("trachea")
    organs[(np.hypot(x - 25, y - 45) < 12) & (z < 60)] = number_of("descending_aorta")
    organs[(np.abs(x) < 16) & (np.abs(y + 92) < 6) & (np.abs(z) < 90)] = number_of("sternum")
    hu = np.where(body, 40, -1000).astype(np.int16)
    hu[np.isin(organs, [number_of("right_lung"), number_of("left_lung")])] = -850
    return organs, body, hu
