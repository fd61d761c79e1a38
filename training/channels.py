"""What a model can be taught, one row of channels.csv a channel; keys are those of the service.

A labelled volume has layers. Within one layer the structures are disjoint, between layers they
overlap (the heart lies in the mediastinum). A channel is

projected: present where the rays cross its parts, all in one layer, for `minimum_path_mm` or more;
derived: made in the picture from other channels (lung fields, lung zones);
union: not taught at all; the exported graph takes the largest probability of its parts.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from service.anatomy.structures import structures_by_key


class Layer(StrEnum):
    """The layers of a labelled volume."""

    ORGANS = "organs"
    MEDIASTINUM = "mediastinum"
    REGIONS = "regions"


class Kind(StrEnum):
    """How a channel comes about."""

    PROJECTED = "projected"
    DERIVED = "derived"
    UNION = "union"


class Views(StrEnum):
    """On which pictures a channel means anything."""

    BOTH = "both"
    FRONTAL = "frontal"


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel; `parts` are keys of structures (projected) or of channels (union)."""

    key: str
    kind: Kind
    layer: Layer | None
    parts: tuple[str, ...]
    minimum_path_mm: float
    views: Views

    @property
    def numbers(self) -> tuple[int, ...]:
        """The structure numbers of the parts, as they stand in a layer."""
        return tuple(number_of(part) for part in self.parts)


def number_of(key: str) -> int:
    """The number by which a layer holds this structure."""
    return structures_by_key()[key].number


@cache
def _rows() -> tuple[Channel, ...]:
    text = files(__package__).joinpath("channels.csv").read_text(encoding="utf-8")
    return tuple(_channel(row) for row in csv.DictReader(text.splitlines()))


def _channel(row: dict[str, str]) -> Channel:
    return Channel(
        key=row["key"],
        kind=Kind(row["kind"]),
        layer=Layer(row["layer"]) if row["layer"] else None,
        parts=tuple(row["parts"].split()),
        minimum_path_mm=float(row["minimum_path_mm"] or 0),
        views=Views(row["views"]),
    )


CHANNELS: tuple[Channel, ...] = _rows()
TRAINED: tuple[Channel, ...] = tuple(c for c in CHANNELS if c.kind is not Kind.UNION)
UNIONS: tuple[Channel, ...] = tuple(c for c in CHANNELS if c.kind is Kind.UNION)
TRAINED_KEYS: tuple[str, ...] = tuple(channel.key for channel in TRAINED)
EXPERT_KEYS: tuple[str, ...] = ("right_lung_field", "left_lung_field", "heart")
"""What people have drawn on the films with masks."""


@cache
def _places() -> dict[str, int]:
    return {key: place for place, key in enumerate(TRAINED_KEYS)}


def trained_index(key: str) -> int:
    """Place of a channel among those that are taught: bit of a packed mask, row of a target."""
    return _places()[key]


def with_wholes(known: Iterable[str]) -> frozenset[str]:
    """The known keys, and every projected channel all of whose other parts are among them."""
    given = set(known)
    wholes = [c for c in TRAINED if c.kind is Kind.PROJECTED and len(c.parts) > 1]
    while True:
        found = {c.key for c in wholes if set(c.parts) - {c.key} <= given} - given
        if not found:
            return frozenset(given)
        given |= found
