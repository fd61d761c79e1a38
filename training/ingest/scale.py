"""Whether values are HU: air must lie near -1000 and soft tissue near 40."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

BIN_HU = 8
AIR_HU = (-1060, -700)  # clean air to lung
TISSUE_HU = (-200, 200)  # fat to enhanced blood
AIR_PEAK = (-1060.0, -750.0)
MUSCLE_HU = (-30, 130)  # the peak is looked for beside that of fat, which may be higher
MUSCLE_PEAK = (-24.0, 104.0)
LEAST_SHARE = 0.03
LEAST_BOTH = 0.7
KNOWN_OFFSETS = (0, 1024, 1000)
PADDING_SHARE = 0.02
PADDING_GAP_HU = 150
SAMPLE = 2_000_000


@dataclass(frozen=True, slots=True)
class Scale:
    """Peaks of air and of soft tissue in HU after `subtracted` was taken away.

    Both are None where no known offset gives a histogram of a chest.
    """

    air_hu: float | None
    tissue_hu: float | None
    subtracted: int = 0


def measured_scale(values: npt.NDArray[Any]) -> Scale:
    """Find the peaks; values stored without their intercept (+1000 or +1024) are recognised."""
    sample = _without_padding(values.ravel()[:: max(1, values.size // SAMPLE)].astype(np.float64))
    found = [scale for offset in KNOWN_OFFSETS if (scale := _at(sample, offset)) is not None]
    if found and found[0].subtracted == 0:
        return found[0]
    return min(found, key=_distance) if found and _is_dense_inside(values) else Scale(None, None)


def _is_dense_inside(values: npt.NDArray[Any]) -> bool:
    """Whether the middle (z, y, x) is denser than the corners; an inverted CT is not."""
    rows, columns = (max(1, count // 8) for count in values.shape[1:])
    corners = [values[:, y, x] for y in (slice(rows), slice(-rows, None))
               for x in (slice(columns), slice(-columns, None))]  # fmt: skip
    middle = values[:, 3 * rows : 5 * rows, 3 * columns : 5 * columns]
    return float(np.median(middle)) > float(np.mean([np.median(corner) for corner in corners]))


def _distance(scale: Scale) -> float:
    """How far the air peak is from clean air; -1000 and -1024 differ by nothing else."""
    return abs((scale.air_hu or 0.0) + 1000)


def _without_padding(sample: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Without what lies outside the reconstructed circle: one value far below all others."""
    sample = sample[np.isfinite(sample)]
    lowest = sample.min(initial=0)
    rest = sample[sample > lowest]
    gap = rest.min(initial=lowest) - lowest
    many = len(sample) - len(rest) > PADDING_SHARE * len(sample)
    return rest if many and gap > PADDING_GAP_HU else sample


def _at(sample: npt.NDArray[np.float64], offset: int) -> Scale | None:
    """The scale if values are HU plus `offset`, or None where they cannot be."""
    values = sample - offset
    air, tissue = (_within(values, limits) for limits in (AIR_HU, TISSUE_HU))
    shares = [len(part) / max(1, len(values)) for part in (air, tissue)]
    if min(shares) < LEAST_SHARE or sum(shares) < LEAST_BOTH:
        return None
    peaks = _mode(air), _mode(_within(values, MUSCLE_HU))
    limits = AIR_PEAK, MUSCLE_PEAK
    fits = all(low <= peak <= high for peak, (low, high) in zip(peaks, limits, strict=True))
    return Scale(*peaks, offset) if fits else None


def _within(values: npt.NDArray[np.float64], limits: tuple[int, int]) -> npt.NDArray[np.float64]:
    return values[(values >= limits[0]) & (values <= limits[1])]


def _mode(values: npt.NDArray[np.float64]) -> float:
    """The centre of the fullest bin; not a number where there is nothing."""
    if not values.size:
        return float("nan")
    bins, counts = np.unique(np.round(values / BIN_HU), return_counts=True)
    return float(bins[np.argmax(counts)] * BIN_HU)
