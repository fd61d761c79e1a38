"""Random storings of a picture: exposure, framing and film faults, then one of sixteen ways."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from training.fit.augment import blurred
from training.gates.network import stored_as

SIDE = 128
FEWEST = 0.5
"""Smallest share of a picture's height or width that a crop keeps, where it crops at all."""

SHUTTER, MARK, NOISY, SIGMOID, COARSE, CROPPED = 0.25, 0.4, 0.5, 0.3, 0.3, 0.3


@dataclass(frozen=True, slots=True)
class Example:
    """`image` (1, SIDE, SIDE), 0-1; how it was stored; whether it is a lateral."""

    image: torch.Tensor
    inverted: int
    mirrored: int
    turned: int
    is_lateral: bool


def random_example(
    pixels: npt.NDArray[np.float32], random: np.random.Generator, *, is_lateral: bool
) -> Example:
    """One random storing of an upright, positive picture, float32 (rows, columns)."""
    image = _framed(_unit(torch.tensor(pixels)), random)
    image = _faults(_exposed(image, random), random)
    inverted, mirrored, turned = (int(random.integers(n)) for n in (2, 2, 4))
    return stored(image, inverted, mirrored, turned, is_lateral=is_lateral)


def stored(
    image: torch.Tensor, inverted: int, mirrored: int, turned: int, *, is_lateral: bool = False
) -> Example:
    """The picture (rows, columns), 0-1, stored so; padding stays black, as the service pads."""
    changed = stored_as(1 - image if inverted else image, mirrored, turned)
    return Example(_letterboxed(changed)[None], inverted, mirrored, turned, is_lateral)


def _unit(image: torch.Tensor) -> torch.Tensor:
    low, high = np.percentile(image.numpy(), [0.5, 99.5])
    return ((image - float(low)) / max(1e-6, float(high - low))).clamp(0, 1)


def _letterboxed(image: torch.Tensor) -> torch.Tensor:
    rows, columns = image.shape
    scale = SIDE / max(rows, columns)
    size = (max(1, round(rows * scale)), max(1, round(columns * scale)))
    small = functional.interpolate(image[None, None], size, mode="bilinear", antialias=True)[0, 0]
    top, left = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    pad = (left, SIDE - size[1] - left, top, SIDE - size[0] - top)
    return functional.pad(small, pad).clamp(0, 1)


def _framed(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Tilted, zoomed and stretched, about the picture's middle; sometimes cut at one side."""
    angle = math.radians(float(random.normal(0, 6)))
    zoom, aspect = math.exp(random.normal(0.05, 0.15)), math.exp(random.normal(0, 0.08))
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    shift = torch.tensor(random.normal(0, 0.08, (2, 1)), dtype=torch.float32)
    theta = torch.cat([torch.diag(torch.tensor([1 / aspect, aspect]) / zoom) @ turn, shift], 1)
    grid = functional.affine_grid(theta[None], [1, 1, *image.shape], align_corners=False)
    framed = functional.grid_sample(
        image[None, None], grid, align_corners=False, padding_mode="border"
    )[0, 0]
    return _cropped(framed, random) if random.random() < CROPPED else framed


def _cropped(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    rows, columns = image.shape
    height, width = (int(n * random.uniform(FEWEST + 0.2, 1)) for n in (rows, columns))
    top, left = int(random.integers(rows - height + 1)), int(random.integers(columns - width + 1))
    return image[top : top + height, left : left + width]


def _exposed(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """A tone curve, and detail lifted or taken away."""
    image = _unit(image) ** math.exp(float(random.normal(0, 0.45)))
    if random.random() < SIGMOID:
        centre, slope = float(random.uniform(0.3, 0.7)), float(random.uniform(3, 8))
        image = torch.sigmoid((image - centre) * slope)
    lift = float(random.uniform(-0.3, 1.2))
    return _unit(image + lift * (image - blurred(image, int(random.integers(3, 20)))))


def _faults(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Noise, blur, marks and shutters; shutters may be black or white."""
    if random.random() < COARSE:
        image = blurred(image, 2 + int(random.integers(2)))
    if random.random() < NOISY:
        noise = torch.from_numpy(random.standard_normal(tuple(image.shape), np.float32))
        image = image + float(random.uniform(0, 0.08)) * noise
    image = _marked(image, random) if random.random() < MARK else image
    return _shuttered(image, random).clamp(0, 1)


def _marked(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    marked = image.clone()
    for _ in range(int(random.integers(1, 5))):
        top, left = (int(random.integers(max(1, n - 12))) for n in image.shape)
        height, width = (int(n) for n in random.integers(2, 12, 2))
        marked[top : top + height, left : left + width] = float(random.random() < SHUTTER * 3)
    return marked


def _shuttered(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    covered, level = image.clone(), float(random.random() < SHUTTER)
    for turned in range(4):
        if random.random() < SHUTTER:
            side = torch.rot90(covered, turned)
            side[: int(side.shape[0] * random.uniform(0, 0.15))] = level
            covered = torch.rot90(side, -turned)
    return covered
