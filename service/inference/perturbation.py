"""The same radiograph a little otherwise: small rotations, rescalings and noise of the model input.

A measurement that such changes move is not sure by that much. All eight corners of rotation,
scale and noise are taken: they are fixed, so that the same image gives the same intervals.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.domain.segmentation import Segmentation
from service.inference.manifest import LabelEntry
from service.inference.preprocess import Resampling
from service.inference.specks import cleaned

Planes = NDArray[np.float32]
Coefficients = tuple[float, float, float, float, float, float]
DEGREES = 2.0
SCALE = 1.04
NOISE = 0.02
"""Standard deviation, of the range of the input (0-1)."""
FINER = 2
"""Masks are made on a grid finer than the model's by this, or a border would jump by a pixel."""


@dataclass(frozen=True, slots=True)
class Perturbation:
    """Rotation around the middle in degrees, enlargement, and which pattern of noise is added."""

    degrees: float
    scale: float
    noise: int

    def to_source(self, size: float) -> NDArray[np.float64]:
        """Return the 2 x 3 matrix that takes (x, y) in the perturbed input to the given one."""
        angle, middle = math.radians(self.degrees), np.array([size / 2, size / 2])
        turn = (
            np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
            / self.scale
        )
        return np.column_stack([turn, middle - turn @ middle])

    def to_perturbed(self, size: float) -> NDArray[np.float64]:
        """Return the 2 x 3 matrix of the way back."""
        forward = self.to_source(size)
        turn = np.linalg.inv(forward[:, :2])
        return np.column_stack([turn, -turn @ forward[:, 2]])


PERTURBATIONS = tuple(
    Perturbation(*corner) for corner in product((-DEGREES, DEGREES), (1 / SCALE, SCALE), (1, 2))
)


def perturbed_inputs(tensor: Planes) -> Planes:
    """Return float32 (8, 1, size, size) for float32 (1, 1, size, size), 0-1."""
    size = int(tensor.shape[-1])
    image = Image.fromarray(np.ascontiguousarray(tensor[0, 0]))
    return np.stack([_perturbed(image, each, size)[None] for each in PERTURBATIONS])


def _perturbed(image: Image.Image, perturbation: Perturbation, size: int) -> Planes:
    coefficients = _coefficients(perturbation.to_source(size))
    moved = image.transform(
        (size, size), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    noisy = np.asarray(moved, np.float32) + _noise(perturbation.noise, size)
    clipped: Planes = np.clip(noisy, 0, 1)
    return clipped


def _noise(seed: int, size: int) -> Planes:
    """Return a fixed pattern, float32 (size, size)."""
    # Of numpy's generators only this one's stream is promised never to change.
    pattern = np.random.RandomState(seed).standard_normal((size, size))
    return (NOISE * pattern).astype(np.float32)


def restored_segmentation(
    probabilities: Planes,
    perturbation: Perturbation,
    resampling: Resampling,
    labels: Mapping[int, LabelEntry],
) -> Segmentation:
    """Return thresholded masks of one perturbed input, turned back to where the image lies.

    probabilities: float32 (channels, n, n), the model's grid or one that is coarser by a whole
    number. labels: those that are wanted, by their channel. The masks' grid covers the image and is
    twice as fine as the model's, whatever size the source has.
    """
    shape = (FINER * resampling.height, FINER * resampling.width)
    masks = np.zeros((len(labels), *shape), np.bool_)
    for index, (channel, label) in enumerate(labels.items()):
        plane = cleaned(probabilities[channel], label)
        window = _window(plane >= label.threshold, perturbation, resampling)
        if window is None:
            continue
        part = _restored(plane, perturbation, resampling, window)
        mask = part >= label.threshold
        if mask.sum() > label.minimum_area_fraction * masks[index].size:
            masks[index][window] = mask
    # Probabilities are told of the result itself, not of its repetitions.
    ones = np.asarray(masks.any(axis=(1, 2)), np.float32)
    return Segmentation(tuple(label.to_segment() for label in labels.values()), masks, ones)


def _window(
    where: NDArray[np.bool_], perturbation: Perturbation, resampling: Resampling
) -> tuple[slice, slice] | None:
    """Return the part of the fine grid that `where`, bool (n, n), can reach."""
    step = resampling.size / where.shape[0]
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    if not len(rows):
        return None
    corners = np.array(
        list(product((columns[0] - 1, columns[-1] + 2), (rows[0] - 1, rows[-1] + 2)))
    )
    matrix = perturbation.to_source(resampling.size)
    x, y = matrix[:, :2] @ (step * corners.T) + matrix[:, 2:]
    across = _reach(x - resampling.left, resampling.width)
    down = _reach(y - resampling.top, resampling.height)
    empty = across.stop <= across.start or down.stop <= down.start
    return None if empty else (down, across)


def _reach(places: NDArray[np.float64], length: int) -> slice:
    first, last = math.floor(FINER * places.min()), math.ceil(FINER * places.max())
    return slice(max(0, first), min(FINER * length, last))


def _restored(
    plane: Planes,
    perturbation: Perturbation,
    resampling: Resampling,
    window: tuple[slice, slice],
) -> Planes:
    down, across = window
    matrix = perturbation.to_perturbed(resampling.size) * (plane.shape[0] / resampling.size)
    corner = np.array([across.start / FINER + resampling.left, down.start / FINER + resampling.top])
    moved = np.column_stack([matrix[:, :2] / FINER, matrix[:, :2] @ corner + matrix[:, 2]])
    size = (across.stop - across.start, down.stop - down.start)
    image = Image.fromarray(np.ascontiguousarray(plane))
    found = image.transform(
        size, Image.Transform.AFFINE, _coefficients(moved), Image.Resampling.BILINEAR
    )
    return np.asarray(found, np.float32)


def _coefficients(matrix: NDArray[np.float64]) -> Coefficients:
    """Return Pillow's six numbers: where each pixel of the result comes from."""
    a, b, c, d, e, f = (float(value) for value in matrix.ravel())
    return a, b, c, d, e, f
