"""Bands inside which an organ's features lie in nearly all bodies.

A band comes from a population of labelled volumes where that holds enough of them, and otherwise
from `defaults.csv`: wide limits from the literature, meant to catch what cannot be.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from training.label.filters.shape import Feature, Shape

FEWEST = 8  # volumes, before quantiles say more than the literature
QUANTILES = (0.05, 0.95)
WIDER = 1.0  # of the band's width, on either side: rare is not wrong
COLUMNS = ("keys", "feature", "low", "high", "why")


@dataclass(frozen=True, slots=True)
class Band:
    """Where a feature of the structures matching `keys` (shell pattern) lies; `why` says so."""

    keys: str
    feature: Feature
    low: float
    high: float
    why: str


@cache
def default_bands() -> tuple[Band, ...]:
    """Return the literature's limits."""
    return _parsed(files(__package__).joinpath("defaults.csv").read_text(encoding="utf-8"))


def read_bands(path: Path) -> tuple[Band, ...]:
    """Return a population's bands, then the defaults; the first that matches counts.

    Raises ValueError for a table with other columns, or a band that is none.
    """
    return (*_parsed(path.read_text(encoding="utf-8")), *default_bands())


def write_bands(path: Path, bands: Iterable[Band]) -> None:
    """Write a table that `read_bands` reads, whole or not at all."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        (b.keys, b.feature.value, f"{b.low:.6g}", f"{b.high:.6g}", b.why) for b in bands
    )
    temporary = path.with_suffix(path.suffix + ".part")
    temporary.write_text(text.getvalue(), encoding="utf-8")
    temporary.replace(path)


def _parsed(text: str) -> tuple[Band, ...]:
    rows = csv.DictReader(text.splitlines())
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise ValueError(f"a table of bands has the columns {', '.join(COLUMNS)}")
    return tuple(_band(row) for row in rows)


def _band(row: Mapping[str, str]) -> Band:
    band = Band(
        row["keys"], Feature(row["feature"]), float(row["low"]), float(row["high"]), row["why"]
    )
    if not band.low < band.high:
        raise ValueError(f"{band.keys}: {band.low} to {band.high} is no band")
    return band


def band_of(key: str, feature: Feature, bands: Sequence[Band]) -> Band | None:
    """Return the first band for a key's feature; None where nothing is known of it."""
    fitting = (b for b in bands if b.feature is feature and fnmatchcase(key, b.keys))
    return next(fitting, None)


def population_bands(population: Iterable[Mapping[str, Shape]]) -> list[Band]:
    """Return bands from the shapes of many volumes, by robust quantiles.

    Organs that the scan cuts are left out; features of fewer than `FEWEST` volumes have no band.
    """
    values: dict[tuple[str, Feature], list[float]] = {}
    for shapes in population:
        for key, shape in shapes.items():
            if not shape.cut:
                for feature, value in shape.values.items():
                    values.setdefault((key, feature), []).append(value)
    return [
        _from_values(key, feature, found)
        for (key, feature), found in sorted(values.items())
        if np.isfinite(found).sum() >= FEWEST
    ]


def _from_values(key: str, feature: Feature, values: Sequence[float]) -> Band:
    low, high = np.nanquantile(values, QUANTILES)
    margin = WIDER * max(high - low, 1e-3 * abs(high), 1e-9)
    why = f"{len(values)} volumes, 5 to 95 % widened by their distance"
    return Band(key, feature, max(0.0, float(low - margin)), float(high + margin), why)
