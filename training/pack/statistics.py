"""Numbers of a packed set: how often each channel is known and there, how large, with whom.

Everything is made from one table: the share of the picture that a channel covers, a row a sample,
a column a channel, NaN where the channel is not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
FLAT = 1e-12  # variance of areas that differ by less than a pixel in a million
FEWEST = 3  # samples for a correlation; two always lie on a line


@dataclass(frozen=True, slots=True)
class Table:
    """`areas` float64 (samples, channels), NaN: unknown; `sources` the source of every sample."""

    keys: tuple[str, ...]
    areas: Floats
    subjects: tuple[str, ...]
    sources: tuple[str, ...]


def per_channel(table: Table) -> list[dict[str, Any]]:
    """One entry a channel: known in how many samples and subjects, there in how many, how large."""
    return [_channel(table, place, key) for place, key in enumerate(table.keys)]


def _channel(table: Table, place: int, key: str) -> dict[str, Any]:
    areas = table.areas[:, place]
    known = ~np.isnan(areas)
    present = areas[known & (areas > 0)]
    subjects = {
        subject for subject, is_known in zip(table.subjects, known, strict=True) if is_known
    }
    entry: dict[str, Any] = {
        "key": key,
        "known_samples": int(known.sum()),
        "known_subjects": len(subjects),
        "present_samples": len(present),
        "prevalence": round(len(present) / known.sum(), 4) if known.any() else None,
    }
    return entry | _sizes(present)


def _sizes(areas: Floats) -> dict[str, float | None]:
    names = ("area_min", "area_median", "area_mean", "area_max")
    if not len(areas):
        return dict.fromkeys(names)
    values = (areas.min(), np.median(areas), areas.mean(), areas.max())
    return {name: round(float(value), 5) for name, value in zip(names, values, strict=True)}


def correlations(columns: Floats, others: Floats) -> Floats:
    """Pearson's r of every column with every other over the rows where both are numbers.

    columns (samples, a), others (samples, b); result (a, b), NaN where fewer than three samples
    know both, or where one of the two does not vary.
    """
    here, there = ~np.isnan(columns), ~np.isnan(others)
    x, y = np.where(here, columns, 0), np.where(there, others, 0)
    h, t = here.astype(float), there.astype(float)
    count = h.T @ t
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x, mean_y = (x.T @ t) / count, (h.T @ y) / count
        covariance = (x.T @ y) / count - mean_x * mean_y
        variance_x = ((x**2).T @ t) / count - mean_x**2
        variance_y = (h.T @ (y**2)) / count - mean_y**2
        found: Floats = covariance / np.sqrt(variance_x * variance_y)
        flat = (variance_x < FLAT) | (variance_y < FLAT)
    found[flat | (count < FEWEST)] = np.nan
    return np.clip(found, -1, 1)


def with_channels(table: Table) -> Floats:
    """Correlation of the areas of every two channels, (channels, channels)."""
    return correlations(table.areas, table.areas)


def with_sources(table: Table) -> tuple[tuple[str, ...], Floats]:
    """The sources, and the correlation of each channel's area with being of that source.

    (channels, sources): far from zero, a model can tell the source from the anatomy.
    """
    names = tuple(sorted(set(table.sources)))
    belongs = np.array([[source == name for name in names] for source in table.sources], float)
    return names, correlations(table.areas, belongs.reshape(len(table.sources), len(names)))


def strongest(keys: Sequence[str], matrix: Floats, count: int) -> list[tuple[str, str, float]]:
    """The pairs of different channels with the largest correlation, either sign."""
    rows, columns = np.triu_indices(len(keys), 1)
    values = matrix[rows, columns]
    order = np.argsort(-np.abs(np.nan_to_num(values)), kind="stable")[:count]
    return [
        (keys[rows[n]], keys[columns[n]], round(float(values[n]), 3))
        for n in order
        if not np.isnan(values[n])
    ]
