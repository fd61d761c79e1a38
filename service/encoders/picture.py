"""The radiograph as a picture of a size that can be read on a screen, and masks at that size."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.domain.analysis import Analysis
from service.domain.measurement import Point

LARGEST_SIDE = 1600
SMALLEST_SIDE = 900
_WINDOW_PERCENTILES = (0.5, 99.5)
_SAMPLED_PIXELS = 500_000


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

    0 to 255 are the middle 99 per cent of its values.
    """
    step = max(1, int(np.sqrt(pixels.size / _SAMPLED_PIXELS)))
    low, high = np.percentile(pixels[::step, ::step], _WINDOW_PERCENTILES)
    shown = np.clip((pixels - low) / max(float(high - low), 1e-6), 0, 1) * 255
    grey = _resized(Image.fromarray(shown.astype(np.uint8)), scale)
    return np.repeat(grey[:, :, None], 3, axis=2)


def shown_mask(mask: NDArray[np.bool_], scale: PictureScale) -> NDArray[np.float32]:
    """Return how much of each picture pixel the mask covers, float32 (rows, columns), 0-1."""
    return _resized(Image.fromarray(mask.view(np.uint8) * np.uint8(255)), scale) / np.float32(255)


def _resized(grey: Image.Image, scale: PictureScale) -> NDArray[np.float32]:
    smaller = scale.row < 1
    method = Image.Resampling.BOX if smaller else Image.Resampling.BICUBIC
    return np.asarray(grey.resize((scale.columns, scale.rows), method), dtype=np.float32)
