"""How far a value moves when the same radiograph is measured again a little otherwise.

The model input is rotated, rescaled and made noisy in a few fixed ways
(`service/inference/perturbation.py`), each is measured, and the spread around the unchanged one is
the repeatability. It says nothing of a mask that is wrong every time in the same way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from service.domain.image import PixelSpacing
from service.domain.measurement import Measurement
from service.measurements.registry import MEASUREMENTS

COVERAGE = 0.95
FEWEST_REPEATS = 4
"""Where fewer of them could be measured there is no interval: nothing is known of the spread."""


def with_intervals(
    measured: Sequence[Measurement], repeats: Iterable[Sequence[Measurement]]
) -> tuple[Measurement, ...]:
    """Return the measurements, each with the interval that its repetitions give.

    repeats: every measurement of each perturbed input; not asked for when nothing was measured.
    """
    found: dict[str, list[float]] = {}
    if all(measurement.value is None for measurement in measured):
        return tuple(measured)
    for repeat in repeats:
        for measurement in repeat:
            if measurement.value is not None:
                found.setdefault(measurement.key, []).append(measurement.value)
    return tuple(_with_interval(each, found.get(each.key, [])) for each in measured)


def repeated_segments(measured: Iterable[Measurement]) -> frozenset[str]:
    """Return the keys of the structures that repetitions need; a model may know many more.

    Those that values were taken from, and those that definitions name.
    """
    taken = {key for each in measured if each.value is not None for key in each.segments}
    return frozenset(taken.union(*(definition.segments for _, definition in MEASUREMENTS)))


def _with_interval(measurement: Measurement, values: list[float]) -> Measurement:
    if measurement.value is None or len(values) < FEWEST_REPEATS:
        return measurement
    half = half_width(values, measurement.value)
    return replace(measurement, interval=(measurement.value - half, measurement.value + half))


def half_width(values: Sequence[float], value: float) -> float:
    """Return the half width of the interval in which 95 % of repetitions fall.

    The root mean square distance from the value itself, not from their mean: a change that moves
    all of them the same way is unsureness too. Times Student's t, since they are few.
    """
    spread = float(np.sqrt(np.mean((np.asarray(values) - value) ** 2)))
    factor = float(stats.t.ppf(0.5 + COVERAGE / 2, len(values)))
    # Eight values do not know it better, and the last bits may differ between processors.
    return float(f"{spread * factor:.3g}")


def spacing_on(spacing: PixelSpacing, rows: float, columns: float) -> PixelSpacing:
    """Return the spacing of a grid on which `rows` and `columns` source pixels make one."""
    if spacing.row_mm is None or spacing.column_mm is None:
        return spacing
    return PixelSpacing(spacing.row_mm * rows, spacing.column_mm * columns, spacing.provenance)
