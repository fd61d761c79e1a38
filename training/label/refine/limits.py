"""Body-part limits: no bowel above the seventh thoracic vertebra, no collar bone below the sixth.

The limits of limits.csv are wide on purpose, as hernias and high domes are real; they remove what
cannot be. An empty limit is none.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from training.channels import number_of
from training.label.derive.derived import Spacing, mask_of
from training.label.labelled import Labels
from training.label.refine.refined import Refined

BEYOND_MM = 15.0
NOTED_MM3 = 500.0


@dataclass(frozen=True, slots=True)
class Limit:
    """Between the upper plate of one vertebra and the lower plate of another a key may lie."""

    key: str
    highest: str | None
    lowest: str | None


@cache
def limits() -> tuple[Limit, ...]:
    """Return the rows of limits.csv."""
    text = files(__package__).joinpath("limits.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(Limit(row["key"], row["highest"] or None, row["lowest"] or None) for row in rows)


def within_limits(organs: Labels, spacing_mm: Spacing) -> Refined:
    """Return the organs without voxels beyond their body part; without that vertebra, no limit."""
    labels, notes = organs.copy(), []
    for limit in limits():
        first, last = _slices(organs, limit, spacing_mm)
        outside = organs == number_of(limit.key)
        outside[first : last + 1] = False
        labels[outside] = 0
        if outside.sum() * np.prod(spacing_mm) >= NOTED_MM3:
            notes.append(f"{int(outside.sum())} voxels of {limit.key} beyond its part of the body")
    return Refined(labels, {}, tuple(notes))


def _slices(organs: Labels, limit: Limit, spacing_mm: Spacing) -> tuple[int, int]:
    beyond = round(BEYOND_MM / spacing_mm[0])
    lowest = _extent(organs, limit.lowest)
    highest = _extent(organs, limit.highest)
    first = lowest[0] - beyond if lowest else 0
    last = highest[1] + beyond if highest else len(organs) - 1
    return max(0, first), last


def _extent(organs: Labels, vertebra: str | None) -> tuple[int, int] | None:
    if vertebra is None:
        return None
    slices = np.flatnonzero(mask_of(organs, vertebra).any((1, 2)))
    return (int(slices[0]), int(slices[-1])) if len(slices) else None
