"""What can be wrong with a film, in strengths: each returns the film changed, and the way back.

A mask found on the changed film is brought back to the film's own grid and compared there, only
where the changed film still shows the body (`seen`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
SEED = 7


@dataclass(frozen=True, slots=True)
class Disturbed:
    """A film changed. `restored` brings a mask back to the film's grid; `seen` lies on that."""

    pixels: Pixels
    seen: Mask
    restored: Callable[[Mask], Mask]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One fault of films: its name and unit, the strengths on the curve, and `neutral`: none."""

    name: str
    unit: str
    strengths: tuple[float, ...]
    neutral: float
    disturb: Callable[[Pixels, float], Disturbed]


def rotated(pixels: Pixels, degrees: float) -> Disturbed:
    """Turned counter-clockwise about the middle, on the same grid; corners are filled dark."""
    image = Image.fromarray(pixels)
    turned = image.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=float(pixels.min()))

    def restored(mask: Mask) -> Mask:
        return _turned(mask, -degrees)

    seen = restored(_turned(np.ones(pixels.shape, bool), degrees))
    return Disturbed(np.asarray(turned, np.float32), seen, restored)


def cropped(pixels: Pixels, share: float) -> Disturbed:
    """Without `share` of the height and width at each side: field cut, chest larger for a model."""
    part, shape = _inner(pixels.shape, share), pixels.shape

    def restored(mask: Mask) -> Mask:
        whole = np.zeros(shape, bool)
        whole[part] = mask
        return whole

    kept = np.ascontiguousarray(pixels[part])
    return Disturbed(kept, restored(np.ones(kept.shape, bool)), restored)


def collimated(pixels: Pixels, share: float) -> Disturbed:
    """Shutters, black, over `share` of the height and width at each side; the grid stays."""
    seen = np.zeros(pixels.shape, bool)
    seen[_inner(pixels.shape, share)] = True
    return _in_place(np.where(seen, pixels, pixels.min()).astype(np.float32), seen)


def inverted(pixels: Pixels, strength: float) -> Disturbed:
    """The negative at strength 1, the film itself at 0."""
    negative = pixels.max() + pixels.min() - pixels
    return _in_place(negative if strength else pixels)


def noisy(pixels: Pixels, share: float) -> Disturbed:
    """White noise with a standard deviation of `share` of the film's range."""
    noise = np.random.default_rng(SEED).standard_normal(pixels.shape, np.float32)
    return _in_place(pixels + np.float32(share * np.ptp(pixels)) * noise)


def coarsened(pixels: Pixels, side: float) -> Disturbed:
    """Shrunk until the longer side has `side` pixels; never enlarged."""
    rows, columns = pixels.shape
    scale = min(1.0, side / max(rows, columns))
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    small = Image.fromarray(pixels).resize(size, Image.Resampling.BOX)

    def restored(mask: Mask) -> Mask:
        back = Image.fromarray(mask.astype(np.float32))
        grown = back.resize((columns, rows), Image.Resampling.BILINEAR)
        return np.asarray(np.asarray(grown) >= 1 / 2)

    return Disturbed(np.asarray(small, np.float32), np.ones(pixels.shape, bool), restored)


def bent(pixels: Pixels, gamma: float) -> Disturbed:
    """Grey values, as shares of the film's range, to the power of `gamma`: above 1 darker."""
    low, reach = float(pixels.min()), max(float(np.ptp(pixels)), 1e-6)
    return _in_place(np.asarray(low + reach * ((pixels - low) / reach) ** gamma, np.float32))


DISTURBANCES: tuple[Disturbance, ...] = (
    Disturbance("rotation", "degrees", (-30, -20, -10, -5, 0, 5, 10, 20, 30), 0, rotated),
    Disturbance("crop", "share cut at each side", (0, 0.03, 0.06, 0.1, 0.15, 0.2), 0, cropped),
    Disturbance("polarity", "0 film, 1 negative", (0, 1), 0, inverted),
    Disturbance("noise", "share of the range", (0, 0.02, 0.05, 0.1, 0.2, 0.4), 0, noisy),
    Disturbance("low resolution", "longer side, pixels", (512, 256, 128, 64, 32), 512, coarsened),
    Disturbance("gamma", "exponent", (0.3, 0.5, 0.75, 1, 1.5, 2, 3), 1, bent),
    Disturbance(
        "collimation", "share covered at each side", (0, 0.03, 0.06, 0.1, 0.15, 0.2), 0, collimated
    ),
)


def _in_place(pixels: Pixels, seen: Mask | None = None) -> Disturbed:
    """A change of grey values only: masks lie where they lay."""
    where = np.ones(pixels.shape, bool) if seen is None else seen
    return Disturbed(pixels, where, lambda mask: mask)


def _inner(shape: tuple[int, ...], share: float) -> tuple[slice, ...]:
    return tuple(slice(round(n * share), n - round(n * share)) for n in shape)


def _turned(mask: Mask, degrees: float) -> Mask:
    image = Image.fromarray(mask.astype(np.uint8))
    return np.asarray(image.rotate(degrees, Image.Resampling.NEAREST), bool)
