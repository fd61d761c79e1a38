"""The physics of an exposure: spectrum, scatter, quantum noise, a detector's blur, a logarithm."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch.nn import functional

from training.project.picture import APPEARANCES, Integrals, Picture
from training.project.spectrum import spectrum

KILOVOLTS = (60, 140)
SCATTER = (0.1, 1.2)
"""Scattered over primary signal, averaged over the picture: with a good grid, and without one."""
SCATTER_WIDTH = 0.15
"""Of the picture's longer side: how far scatter spreads, as a Gaussian's standard deviation."""
PHOTONS = (3e3, 3e5)
BLUR_PIXELS = (0.0, 0.8)
THICKEST = 14.0
REDUCED = 8


@dataclass(frozen=True, slots=True)
class Exposure:
    """`scatter` is the mean ratio to the primary signal; `photons` a pixel's without a patient."""

    kilovolts: int
    scatter: float
    photons: float
    blur_pixels: float


@APPEARANCES.register("radiograph")
def radiograph(integrals: Integrals, random: np.random.Generator) -> Picture:
    """A random exposure, from a portable one without a grid to 140 kV with one."""
    fewest, most = PHOTONS
    photons = math.exp(random.uniform(math.log(fewest), math.log(most)))
    exposure = Exposure(
        int(random.integers(KILOVOLTS[0], KILOVOLTS[1] + 1)),
        float(random.uniform(*SCATTER)),
        photons,
        float(random.uniform(*BLUR_PIXELS)),
    )
    return expose(integrals, exposure, random)


def expose(integrals: Integrals, exposure: Exposure, random: np.random.Generator) -> Picture:
    """Minus the logarithm of what the detector sees over what it would see without a patient."""
    signal = primary(integrals, exposure.kilovolts)
    signal = signal + scattered(signal, exposure.scatter)
    noise = random.standard_normal(signal.shape, np.float32)
    signal = signal + noise * np.sqrt(signal / np.float32(exposure.photons))
    if exposure.blur_pixels:
        signal = ndimage.gaussian_filter(signal, exposure.blur_pixels, truncate=2.0)
    return np.asarray(-np.log(np.maximum(signal, 1 / np.float32(exposure.photons))), np.float32)


def primary(integrals: Integrals, kilovolts: int) -> Picture:
    """Share of the signal that goes straight through, by Beer and Lambert at each energy."""
    seen = spectrum(kilovolts)
    total = np.zeros_like(integrals.water, np.float32)
    for share, water, bone in zip(
        *map(np.float32, (seen.share, seen.water, seen.bone)), strict=True
    ):
        total += share * np.exp(
            -np.minimum(water * integrals.water + bone * integrals.bone, THICKEST)
        )
    return total


def scattered(signal: Picture, ratio: float) -> Picture:
    """A smooth fraction of the primary signal; its mean is `ratio` times the signal's mean."""
    rows, columns = signal.shape
    size = (max(2, rows // REDUCED), max(2, columns // REDUCED))
    small = functional.interpolate(torch.from_numpy(signal)[None, None], size=size, mode="area")
    spread = ndimage.gaussian_filter(small[0, 0].numpy(), SCATTER_WIDTH * max(size))
    full = functional.interpolate(
        torch.from_numpy(spread)[None, None], size=(rows, columns), mode="bilinear"
    )
    return np.asarray(full[0, 0].numpy() * np.float32(ratio), np.float32)
