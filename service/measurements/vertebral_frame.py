"""A vertebra's silhouette in a frame of its own, whose axis follows the spine.

The mask is smoothed a little and resampled there, so that borders lie between pixels and a turned
film gives the same values. Borders are fitted by lines of least squares whose weight falls with the
distance beyond a pixel (Huber): points that leave them, as where a spinous process is seen below a
body, move them little, and the steps of a slightly slanting border are not taken for level.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from service.domain.measurement import Line
from service.measurements.vertebral_column import Vector, Vertebra

Floats = NDArray[np.float64]
SMOOTHED_PIXELS = 0.7
STEPS = 120
"""Samples along the spine for one distance between neighbouring vertebrae."""
COLUMNS = 129
"""Samples across the spine, over four such distances."""
MARGIN = 3


REWEIGHTED = 10


@dataclass(frozen=True, slots=True)
class Plate:
    """An end plate as a line between two points (row, column) in source pixels.

    tilt: degrees that it descends towards higher columns, with pixels made square.
    """

    line: Line
    tilt: float


@dataclass(frozen=True, slots=True)
class Frame:
    """A turned grid: its origin (row * aspect, column), its axis down the spine, the aspect."""

    origin: Vector
    down: Vector
    aspect: float

    @property
    def across(self) -> Vector:
        """Return the unit vector towards higher columns, square to the axis."""
        return np.array([-self.down[1], self.down[0]])

    def points(self, across: Floats, down: Floats) -> Floats:
        """Return (2, ...) rows and columns in source pixels."""
        square = (
            self.origin[:, None]
            + np.outer(self.across, np.ravel(across))
            + np.outer(self.down, np.ravel(down))
        )
        return np.stack([square[0] / self.aspect, square[1]]).reshape(2, *np.shape(across))

    def plate(self, across: Floats, border: Floats) -> tuple[Plate, float]:
        """Return the line through a border, and its slope in this frame."""
        slope, intercept = robust_line(across, border)
        ends = np.array([across.min(), across.max()])
        rows, columns = self.points(ends, intercept + slope * ends)
        tilt = np.degrees(np.arctan2((rows[1] - rows[0]) * self.aspect, columns[1] - columns[0]))
        line = ((float(rows[0]), float(columns[0])), (float(rows[1]), float(columns[1])))
        return Plate(line, float(tilt)), float(slope)


def robust_line(at: Floats, values: Floats) -> tuple[float, float]:
    """Return slope and offset; deviations of more than a pixel weigh less the larger they are."""
    weights = np.ones(len(at))
    for _ in range(REWEIGHTED):
        slope, offset = np.polyfit(at, values, 1, w=np.sqrt(weights))
        weights = 1 / np.maximum(np.abs(values - offset - slope * at), 1.0)
    return float(slope), float(offset)


def silhouette_borders(vertebra: Vertebra, frame: Frame) -> tuple[Floats, Floats, Floats]:
    """Return positions across (n,), and where the tallest run of each begins and ends."""
    step = vertebra.pitch / STEPS
    across = np.linspace(-2, 2, COLUMNS) * vertebra.pitch
    down = np.arange(-1.6 * vertebra.pitch, 1.6 * vertebra.pitch, step)
    rows, columns = frame.points(*np.meshgrid(across, down, indexing="ij"))
    shape = vertebra.shape
    padded = np.pad(shape.mask.astype(np.float64), MARGIN)
    smooth = ndimage.gaussian_filter(padded, SMOOTHED_PIXELS)
    at = np.stack([rows - shape.top + MARGIN, columns - shape.left + MARGIN])
    sampled = ndimage.map_coordinates(smooth, at, order=1, mode="constant")
    upper, lower = np.transpose([_tallest_run(line) for line in sampled])
    return across, down[0] + upper * step, down[0] + lower * step


def _tallest_run(line: Floats) -> tuple[float, float]:
    """Return where the longest stretch above one half begins and ends, between samples."""
    inside = np.concatenate([[False], line > 0.5, [False]])  # noqa: PLR2004 - half covered
    changes = np.flatnonzero(np.diff(inside.astype(np.int8)))
    if not len(changes):
        return 0.0, 0.0
    first, last = max(changes.reshape(-1, 2), key=lambda run: int(run[1] - run[0]))
    return _crossing(line, int(first)), _crossing(line, int(last))


def _crossing(line: Floats, place: int) -> float:
    """Return where the line passes one half between the samples before and at `place`."""
    if place in (0, len(line)):
        return float(place)
    before, after = line[place - 1], line[place]
    return float(place - 1 + (0.5 - before) / (after - before))
