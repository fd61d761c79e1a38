"""Source grid to model grid and back: one module owns both directions, for training too."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.inference.manifest import Intensity


@dataclass(frozen=True, slots=True)
class Resampling:
    """How a (rows, columns) grid lies in the square model grid; all but the sizes in model pixels.

    The image fills model rows top…top+height and columns left…left+width; the rest is padding.
    """

    rows: int
    columns: int
    size: int
    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class ModelInput:
    """tensor: float32 (1, 1, size, size), 0-1, bright = dense, padded with 0."""

    tensor: NDArray[np.float32]
    resampling: Resampling


def to_model_input(
    pixels: NDArray[np.float32], size: int, intensity: Intensity, aspect: float = 1.0
) -> ModelInput:
    """Return the image as the model wants it.

    pixels: float32 (rows, columns), bright = dense. aspect: row over column spacing, so that
    the model sees square pixels.
    """
    resampling = letterbox(pixels.shape[0], pixels.shape[1], size, aspect)
    scaled = _resized(normalised(pixels, intensity), resampling.height, resampling.width)
    tensor = np.zeros((1, 1, size, size), np.float32)
    tensor[0, 0, _rows_of(resampling), _columns_of(resampling)] = scaled
    return ModelInput(tensor, resampling)


def normalised(pixels: NDArray[np.float32], intensity: Intensity) -> NDArray[np.float32]:
    """Return the pixels cut at the percentiles and scaled to 0-1; a flat image becomes 0."""
    low, high = np.percentile(_sampled(pixels), [intensity.low, intensity.high])
    if not high > low:
        return np.zeros_like(pixels, dtype=np.float32)
    scaled = (pixels - np.float32(low)) * np.float32(1.0 / (high - low))
    return np.clip(scaled, 0.0, 1.0, out=scaled)


def letterbox(rows: int, columns: int, size: int, aspect: float = 1.0) -> Resampling:
    """Return the largest centred placement of a grid in a square that keeps its proportions."""
    scale = size / max(rows * aspect, columns)
    height = min(size, max(1, round(rows * aspect * scale)))
    width = min(size, max(1, round(columns * scale)))
    top, left = (size - height) // 2, (size - width) // 2
    return Resampling(rows, columns, size, top, left, height, width)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the source grid: rows top…bottom and columns left…right, ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Return the index of this part in a (rows, columns) array."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


@dataclass(frozen=True, slots=True)
class _Extent:
    """Along one axis of a plane: which of its lines hold the image, and where in those it lies.

    start, length: in lines of the plane, start counted from the first of `lines`. Both are whole
    numbers on the model's own grid; on a coarser one the image may begin within a line.
    """

    lines: slice
    start: float
    length: float

    @classmethod
    def of(cls, first: int, length: int, factor: float) -> "_Extent":
        """Return it for an image at first…first+length of a grid `1 / factor` times as fine."""
        begin, end = first * factor, (first + length) * factor
        lines = slice(math.floor(begin), math.ceil(end))
        return cls(lines, begin - lines.start, length * factor)


def _extents(plane_size: int, resampling: Resampling) -> tuple[_Extent, _Extent]:
    """Return where the image lies in the rows and columns of a plane of the model's output."""
    factor = plane_size / resampling.size
    return (
        _Extent.of(resampling.top, resampling.height, factor),
        _Extent.of(resampling.left, resampling.width, factor),
    )


def source_window(where: NDArray[np.bool_], resampling: Resampling) -> Window | None:
    """Return the part of the source grid that `where` can reach; None if empty.

    where: bool (n, n), the model's grid or one that is coarser by a whole number.
    One of its pixels of margin holds all that interpolation spreads (more when the source is the
    coarser grid), so that nothing outside the window can exceed a threshold that `where` did not.
    """
    down, across = _extents(where.shape[0], resampling)
    content = where[down.lines, across.lines]
    if not content.any():
        return None
    top, bottom = _reach(np.asarray(content.any(axis=1)), resampling.rows, down)
    left, right = _reach(np.asarray(content.any(axis=0)), resampling.columns, across)
    return Window(top, bottom, left, right)


def content_of(resampling: Resampling) -> tuple[slice, slice]:
    """Return the index of the image in its (size, size) model grid: all but the padding."""
    return _rows_of(resampling), _columns_of(resampling)


def to_source_window(
    plane: NDArray[np.float32], resampling: Resampling, window: Window
) -> NDArray[np.float32]:
    """Return the window's part of one plane of the model's output, bilinear.

    plane: float32 (n, n), the model's grid or one that is coarser by a whole number.
    """
    down, across = _extents(plane.shape[0], resampling)
    content = np.ascontiguousarray(plane[down.lines, across.lines])
    per_row, per_column = down.length / resampling.rows, across.length / resampling.columns
    box = (
        across.start + window.left * per_column,
        down.start + window.top * per_row,
        across.start + window.right * per_column,
        down.start + window.bottom * per_row,
    )
    size = (window.right - window.left, window.bottom - window.top)
    resized = Image.fromarray(content).resize(size, Image.Resampling.BILINEAR, box=box)
    return np.asarray(resized, dtype=np.float32)


def to_source_grid(plane: NDArray[np.float32], resampling: Resampling) -> NDArray[np.float32]:
    """Return one plane of the model's output on the whole source grid, bilinear."""
    whole = Window(0, resampling.rows, 0, resampling.columns)
    return to_source_window(plane, resampling, whole)


def _reach(line: NDArray[np.bool_], source: int, extent: _Extent) -> tuple[int, int]:
    """Return the range of source lines that marked lines of a plane can reach."""
    margin = 1 + max(1.0, extent.length / source)
    marked = np.flatnonzero(line)
    first = (marked[0] - extent.start - margin) * source / extent.length
    last = (marked[-1] + 1 - extent.start + margin) * source / extent.length
    return max(0, int(np.floor(first))), min(source, int(np.ceil(last)))


def _rows_of(resampling: Resampling) -> slice:
    return slice(resampling.top, resampling.top + resampling.height)


def _columns_of(resampling: Resampling) -> slice:
    return slice(resampling.left, resampling.left + resampling.width)


def _resized(plane: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """Return the plane resampled with pixel areas aligned; antialiased when it shrinks."""
    image = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    resized = image.resize((columns, rows), Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.float32)


# Percentiles of every pixel of a 12-megapixel film take longer than the network.
_SAMPLE_STEP_ABOVE = 1_000_000


def _sampled(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    step = max(1, int(np.sqrt(pixels.size / _SAMPLE_STEP_ABOVE)))
    return pixels[::step, ::step]
