"""The radiograph as a picture of a size that can be read on a screen, and masks at that size."""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.domain.analysis import Analysis
from service.domain.measurement import Point

LARGEST_SIDE = 1600
SMALLEST_SIDE = 900
_WINDOW_PERCENTILES = (0.5, 99.5)
Part = tuple[slice, slice]
"""Rows and columns of the picture."""


@dataclass(frozen=True, slots=True)
class PictureScale:
    """Picture pixels for a source pixel; rows and columns differ where source pixels are oblong."""

    row: float
    column: float
    rows: int
    columns: int

    @property
    def unit(self) -> float:
        """Return a hundredth of the longer side: lines and letters grow with the picture."""
        return max(self.rows, self.columns) / 100

    def at(self, point: Point) -> tuple[float, float]:
        """Return (x, y) in the picture; integers are pixel centres here and there."""
        row, column = point
        return (column + 0.5) * self.column - 0.5, (row + 0.5) * self.row - 0.5


def picture_scale(analysis: Analysis) -> PictureScale:
    """Return the scale at which the film's longer side has 900 to 1600 pixels."""
    image, aspect = analysis.image, analysis.image.spacing.aspect
    high, wide = image.rows * max(1.0, aspect), image.columns * max(1.0, 1 / aspect)
    longer = max(high, wide)
    factor = min(max(longer, SMALLEST_SIDE), LARGEST_SIDE) / longer
    rows, columns = max(1, round(high * factor)), max(1, round(wide * factor))
    return PictureScale(rows / image.rows, columns / image.columns, rows, columns)


def grey_picture(pixels: NDArray[np.float32], scale: PictureScale) -> NDArray[np.float32]:
    """Return the film, float32 (rows, columns, 3), bright = dense.

    0 to 255 are the middle 99 per cent of the picture's values.
    """
    film = Image.fromarray(pixels).resize((scale.columns, scale.rows), _method(scale))
    grey = np.asarray(film, dtype=np.float32)
    low, high = (float(end) for end in np.percentile(grey, _WINDOW_PERCENTILES))
    shown = np.clip((grey - low) * (255 / max(high - low, 1e-6)), 0, 255)
    return np.repeat(shown[:, :, None], 3, axis=2)


def shown_mask(
    mask: NDArray[np.bool_], scale: PictureScale, margin: int
) -> tuple[Part, NDArray[np.float32]]:
    """Return the part of the picture that holds the mask, and how much it covers of each pixel.

    The cover is float32, 0 to 1; around the mask are `margin` picture pixels, where there are any.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return (slice(0, 0), slice(0, 0)), np.zeros((0, 0), dtype=np.float32)
    down = _span(rows, scale.row, scale.rows, margin)
    across = _span(columns, scale.column, scale.columns, margin)
    box = (
        across.start / scale.column,
        down.start / scale.row,
        across.stop / scale.column,
        down.stop / scale.row,
    )
    left, top = floor(box[0]), floor(box[1])
    whole = mask[top : ceil(box[3]), left : ceil(box[2])]
    grey = Image.fromarray(whole.view(np.uint8) * np.uint8(255))
    size = (across.stop - across.start, down.stop - down.start)
    inner = (
        box[0] - left,
        box[1] - top,
        min(box[2] - left, grey.width),
        min(box[3] - top, grey.height),
    )
    cover = np.asarray(grey.resize(size, _method(scale), box=inner), dtype=np.float32)
    return (down, across), cover / np.float32(255)


def _span(found: NDArray[np.intp], factor: float, length: int, margin: int) -> slice:
    """Return the picture's rows (or columns) that the source's `found` ones fall into."""
    first, last = floor(int(found[0]) * factor), ceil((int(found[-1]) + 1) * factor)
    return slice(max(0, first - margin), min(length, last + margin))


def _method(scale: PictureScale) -> Image.Resampling:
    return Image.Resampling.BOX if scale.row < 1 else Image.Resampling.BICUBIC
