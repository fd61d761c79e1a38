"""A drawn skeleton, 4 mm voxels: 24 ribs on their vertebrae from C7 to L2, sternum, collar bones.

Axes (z, y, x): z to the head, y to the back, x to the patient's left.
"""

from functools import cache

import numpy as np
from scipy import ndimage

from training.channels import number_of
from training.label.derive.levels import VERTEBRAE
from training.label.derive.rib_codes import every_rib, rib_code
from training.label.derive.ribs import split_ribs
from training.label.refine.ladder import HEAD_ABOVE_MM

MM = 4.0
SPACING = (MM, MM, MM)
SHAPE = (104, 50, 76)
STEP_MM = 24.0
C7_MM = 384.0
SPINE_Y_MM, MIDDLE_X_MM = 140.0, 150.0
FIRST, LAST = VERTEBRAE.index("vertebra_c7"), VERTEBRAE.index("vertebra_l2")


def height_mm(index: int) -> float:
    """Height of the centre of a vertebra, by its index in VERTEBRAE."""
    return C7_MM - STEP_MM * (index - FIRST)


def codes() -> np.ndarray:
    """Return whole rib codes of the drawn ribs; the array is the caller's."""
    return _codes().copy()


@cache
def _codes() -> np.ndarray:
    ribs = np.zeros(SHAPE, np.uint8)
    for code, rib, side in every_rib():
        ribs[drawn_rib(rib, side)] = code
    return ribs


@cache
def drawn_rib(rib: int, side: str) -> np.ndarray:
    """A tube round the chest, that falls 40 mm from its head to its front end."""
    t = np.linspace(0, 1, 300) * (0.45 if rib == 12 else 1.0)
    angle = np.radians(75 - 135 * t)
    y = SPINE_Y_MM - 60 + 70 * np.sin(angle)
    out = 8 + 105 * np.cos(angle)
    x = MIDDLE_X_MM + (out if side == "left" else -out)
    z = height_mm(FIRST + rib) + HEAD_ABOVE_MM[rib - 1] - 40 * t
    tube = np.zeros(SHAPE, np.bool_)
    tube[tuple(np.round(np.stack([z, y, x]) / MM).astype(int))] = True
    return np.asarray(ndimage.binary_dilation(tube))


def organs(ribs: np.ndarray | None = None) -> np.ndarray:
    """Return the organs: the spine, sternum, collar bones, kidneys, and ribs by these codes."""
    ribs = codes() if ribs is None else ribs
    return split_ribs(ribs, SPACING).onto(_rest())


@cache
def _rest() -> np.ndarray:
    z, y, x = np.meshgrid(*(np.arange(n) * MM for n in SHAPE), indexing="ij")
    labels = np.zeros(SHAPE, np.uint8)
    for index in range(FIRST, LAST + 1):
        body = (np.hypot(y - SPINE_Y_MM, x - MIDDLE_X_MM) < 16) & (np.abs(z - height_mm(index)) < 9)
        labels[body] = number_of(VERTEBRAE[index])
    middle = np.abs(x - MIDDLE_X_MM) < 14
    labels[middle & (np.abs(y - 10) < 5) & (z > 180) & (z < 320)] = number_of("sternum")
    for side, sign in (("left", 1), ("right", -1)):
        out = sign * (x - MIDDLE_X_MM)
        beam = (out > 24) & (out < 120) & (np.abs(y - 30) < 7) & (np.abs(z - 390) < 7)
        labels[beam] = number_of(f"clavicle_{side}")
        kidney = (np.hypot(out - 50, y - 130) < 18) & (np.abs(z - 40) < 30)
        labels[kidney] = number_of(f"kidney_{side}")
    return labels


def renamed(ribs: np.ndarray, names: dict[int, int]) -> np.ndarray:
    """Return rib codes with codes exchanged for others."""
    table = np.arange(256, dtype=np.uint8)
    for code, other in names.items():
        table[code] = other
    return table[ribs]


def vertebrae_renamed(labels: np.ndarray, shift: int) -> np.ndarray:
    """Return the organs with every vertebra named `shift` places lower down."""
    table = np.arange(256, dtype=np.uint8)
    for index in range(FIRST, LAST + 1):
        table[number_of(VERTEBRAE[index])] = number_of(VERTEBRAE[index + shift])
    return table[labels]


def left(rib: int) -> int:
    return rib_code(rib, "left")


def right(rib: int) -> int:
    return rib_code(rib, "right")
