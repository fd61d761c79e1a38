"""Everything random between a stored picture and what the network sees.

Order: what only the standing show, exposure (tube voltage, tone, local contrast), geometry, the
film's faults, and then the same percentile normalisation as in service. There is no horizontal
flip: left and right have names.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from service.inference.manifest import Intensity
from training.fit.bones import brought_out
from training.fit.dataset import Sample
from training.fit.tones import Tones
from training.fit.upright import stand_up
from training.fit.warp import warped_counts
from training.project.picture import Integrals, render

INTENSITY = Intensity(method="percentile", low=0.5, high=99.5)
FEWEST_PIXELS = 64

# How often each of these befalls a picture.
PHYSICAL = 0.5
LOCAL_CONTRAST, SIGMOID, EQUALISED = 0.7, 0.4, 0.25
TURNED = 0.15
LOW_RESOLUTION, NOISY, MARKED, WIRED = 0.3, 0.5, 0.35, 0.5
COLLIMATED, SHUTTER, WHITE_SHUTTER = 0.3, 0.5, 0.3
WRONG_POLARITY = 0.12


@dataclass(frozen=True, slots=True)
class Augmented:
    """`strong`, `weak` (1, size, size), one geometry; `known` bool (channels,).

    `counts` uint8 (size / 2, size / 2, channels): pixels of 2 x 2 that a mask covers.
    """

    strong: torch.Tensor
    weak: torch.Tensor
    counts: torch.Tensor
    known: torch.Tensor


def augment(
    sample: Sample,
    size: int,
    random: np.random.Generator,
    places: npt.NDArray[np.int64],
    amount: float = 1.0,
    tones: Tones | None = None,
) -> Augmented:
    """One random rendering on a `size` x `size` canvas; `amount` 0..1 is how far it may stray.

    `places` are the wanted channels among those that can be taught; `tones` are what a projection
    may take its grey values from.
    """
    sample = sample if sample.is_film else stand_up(sample, random)
    grey = _expose(sample, random, amount, tones)
    grid = _geometry(grey.shape, size, random, amount)
    valid = (grid.abs() <= 1).all(-1)[0]
    weak = normalised(_sampled(grey, grid), valid)
    strong, hidden = _film_faults(weak, valid, random, amount)
    return _augmented(sample, (strong, weak), grid, valid & ~hidden, places)


def plain(sample: Sample, size: int, places: npt.NDArray[np.int64]) -> Augmented:
    """The sample without any randomness, letterboxed: for validation."""
    grey = torch.from_numpy(sample.water + sample.bone)
    rows, columns = grey.shape
    stretch = torch.tensor([max(rows, columns) / columns, max(rows, columns) / rows])
    theta = torch.diag(stretch)
    grid = functional.affine_grid(
        torch.cat([theta, torch.zeros(2, 1)], 1)[None], [1, 1, size, size], align_corners=False
    )
    valid = (grid.abs() <= 1).all(-1)[0]
    image = normalised(_sampled(grey, grid), valid)
    return _augmented(sample, (image, image), grid, valid, places)


def _augmented(
    sample: Sample,
    images: tuple[torch.Tensor, torch.Tensor],
    grid: torch.Tensor,
    shown: torch.Tensor,
    places: npt.NDArray[np.int64],
) -> Augmented:
    counts = torch.from_numpy(warped_counts(sample.packed, grid, shown, places))
    strong, weak = images
    return Augmented(strong[None], weak[None], counts, torch.from_numpy(sample.known[places]))


def _sampled(grey: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
    return functional.grid_sample(
        grey[None, None], grid, align_corners=False, padding_mode="border"
    )[0, 0]


def normalised(image: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    """Percentiles of the valid part to 0..1, clipped; padding is zero, as the service pads."""
    inside = image[valid]
    if inside.numel() < FEWEST_PIXELS:
        return torch.zeros_like(image)
    return _scaled(image, inside, (INTENSITY.low, INTENSITY.high)) * valid


def _unit(image: torch.Tensor) -> torch.Tensor:
    return _scaled(image, image.flatten(), (0.2, 99.8))


def _scaled(
    image: torch.Tensor, reference: torch.Tensor, percentiles: tuple[float, float]
) -> torch.Tensor:
    """Clip to percentiles of the reference (every few pixels are enough) and scale to 0..1."""
    sample = reference[:: max(1, reference.numel() // 8000)].numpy()
    low, high = np.percentile(sample, percentiles)
    return ((image - float(low)) / max(1e-6, float(high - low))).clamp(0, 1)


def _expose(
    sample: Sample, random: np.random.Generator, amount: float, tones: Tones | None
) -> torch.Tensor:
    """Grey values from line integrals: bone weight, then a tone curve, then local contrast."""
    water = torch.from_numpy(sample.water)
    if sample.is_film:
        image = _unit(water)
        strength = 0.6
    else:
        image = _unit(_exposed(sample, random))
        image = _local_contrast(image, random) if random.random() < LOCAL_CONTRAST else image
        image = image if tones is None else tones.apply(image, random)
        strength = 1.0
    return _tone(image, random, strength * amount)


def _exposed(sample: Sample, random: np.random.Generator) -> torch.Tensor:
    """A projection as a random exposure shows it, or as a weighted sum of soft tissue and bone."""
    bone = brought_out(sample.bone, random)
    if random.random() < PHYSICAL:
        return torch.from_numpy(render("radiograph", Integrals(sample.water, bone), random))
    return torch.from_numpy(sample.water + np.float32(random.uniform(0.3, 2.5)) * bone)


def _tone(image: torch.Tensor, random: np.random.Generator, strength: float) -> torch.Tensor:
    image = image ** math.exp(float(random.normal(0, 0.5)) * strength)
    if random.random() < SIGMOID * strength:
        centre, slope = float(random.uniform(0.3, 0.7)), float(random.uniform(3, 8))
        image = _unit(torch.sigmoid((image - centre) * slope))
    if random.random() < EQUALISED * strength:
        image = image + strength * float(random.uniform(0.3, 1)) * (_equalised(image) - image)
    return image


def _equalised(image: torch.Tensor) -> torch.Tensor:
    histogram = torch.histc(image, bins=256, min=0, max=1).cumsum(0) / image.numel()
    return histogram[(image * 255).long()]


def _local_contrast(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Detail above a blurred copy lifted, as every digital system's processing does."""
    radius = int(random.integers(3, 28))
    lift = float(random.uniform(0.2, 1.6))
    return _unit(image + lift * (image - blurred(image, radius)))


def blurred(image: torch.Tensor, radius: int) -> torch.Tensor:
    """A (rows, columns) image without detail finer than about `radius`: reduced, then enlarged."""
    small = [max(4, n // radius) for n in image.shape]
    reduced = functional.interpolate(image[None, None], size=small, mode="area")
    return functional.interpolate(reduced, size=tuple(image.shape), mode="bilinear")[0, 0]


def _geometry(
    shape: torch.Size, size: int, random: np.random.Generator, amount: float
) -> torch.Tensor:
    """Sampling grid (1, size, size, 2): letterbox, scale, aspect, rotation, shift, elastic."""
    rows, columns = shape
    longest = max(rows, columns)
    zoom = math.exp(float(random.normal(0.03, 0.16)) * amount)
    aspect = math.exp(float(random.normal(0, 0.06)) * amount)
    angle = math.radians(float(random.normal(0, 15 if random.random() < TURNED else 4)) * amount)
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    stretch = torch.tensor([longest / columns / aspect, longest / rows * aspect]) / zoom
    shift = torch.tensor(random.normal(0, 0.07, 2) * amount, dtype=torch.float32)
    theta = torch.cat([torch.diag(stretch) @ turn, shift[:, None]], dim=1)[None]
    grid = functional.affine_grid(theta, [1, 1, size, size], align_corners=False)
    return grid + amount * _elastic(size, random)


def _elastic(size: int, random: np.random.Generator) -> torch.Tensor:
    amplitude = float(random.uniform(0, 0.035))
    knots = torch.from_numpy(random.normal(0, amplitude, (1, 2, 6, 6))).float()
    return functional.interpolate(
        knots, size=(size, size), mode="bicubic", align_corners=True
    ).permute(0, 2, 3, 1)


def _film_faults(
    image: torch.Tensor, valid: torch.Tensor, random: np.random.Generator, amount: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Blur, noise, marks, collimation, polarity; returns the image and what was hidden."""
    hidden = torch.zeros_like(valid)
    if random.random() < LOW_RESOLUTION * amount:
        image = _low_resolution(image, random)
    if random.random() < NOISY * amount:
        image = image + float(random.uniform(0, 0.05)) * torch.from_numpy(
            random.standard_normal(tuple(image.shape), np.float32)
        )
    if random.random() < MARKED * amount:
        image = _marks(image, random)
    if random.random() < COLLIMATED * amount:
        image, hidden = _collimated(image, random)
    if random.random() < WRONG_POLARITY * amount:
        image = 1 - image
    return normalised(image, valid), hidden


def _low_resolution(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    small = int(image.shape[-1] * random.uniform(0.3, 0.8))
    reduced = functional.interpolate(image[None, None], size=(small, small), mode="area")
    return functional.interpolate(reduced, size=tuple(image.shape), mode="bilinear")[0, 0]


def _marks(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Side markers, text blocks, electrodes and wires as bright or dark boxes and lines."""
    marked = image.clone()
    size = image.shape[-1]
    for _ in range(int(random.integers(1, 5))):
        top, left = (int(v) for v in random.integers(0, size - 20, 2))
        height, width = (int(v) for v in random.integers(2, 18, 2))
        marked[top : top + height, left : left + width] = float(random.choice([0.0, 0.9, 1.0]))
    if random.random() < WIRED:
        marked = _wire(marked, random)
    return marked


def _wire(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    size = image.shape[-1]
    along = np.linspace(0, 1, 3 * size)
    points = random.uniform(0, size - 1, (2, 4))
    bezier = np.stack(
        [(1 - along) ** 3, 3 * along * (1 - along) ** 2, 3 * along**2 * (1 - along), along**3]
    )
    rows, columns = (points @ bezier).round().astype(int)
    image[rows, columns] += float(random.uniform(0.1, 0.5))
    return image


def _collimated(
    image: torch.Tensor, random: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Shutters on up to four sides, black (masked by the system) or white (unexposed)."""
    hidden = torch.zeros(image.shape, dtype=torch.bool)
    margins = [
        int(m) for m in image.shape[-1] * random.uniform(0, 0.12, 4) * (random.random(4) < SHUTTER)
    ]
    top, bottom, left, right = margins
    hidden[:top] = True
    hidden[image.shape[0] - bottom :] = True
    hidden[:, :left] = True
    hidden[:, image.shape[1] - right :] = True
    return torch.where(hidden, float(random.random() < WHITE_SHUTTER), image), hidden
