"""The ways in which line integrals become pictures, to be compared with real films."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Rendering = Callable[[Pixels, Pixels, np.random.Generator], Pixels]
"""From the water-like and bone-like line integrals, float32 (rows, columns), bright = dense."""

BONE = (0.3, 2.5)
"""How much brighter than water-like tissue bone may be: tube voltage."""


def attenuation(water: Pixels, bone: Pixels, _random: np.random.Generator) -> Pixels:
    """The line integral itself: the logarithm of what reaches the detector."""
    return water + bone


def absorbed(water: Pixels, bone: Pixels, _random: np.random.Generator) -> Pixels:
    """The share of the beam that is absorbed: no logarithm, so that dense parts look alike."""
    return np.asarray(1 - np.exp(-(water + bone)), np.float32)


def voltages(water: Pixels, bone: Pixels, random: np.random.Generator) -> Pixels:
    """The line integral with a random tube voltage, as training varies it."""
    return np.asarray(water + random.uniform(*BONE) * bone, np.float32)


RENDERINGS: dict[str, Rendering] = {
    "line integrals": attenuation,
    "absorbed share": absorbed,
    "random tube voltage": voltages,
}
