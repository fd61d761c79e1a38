"""What a reader hands on: an image in patient space, labels beside it, and harmless facts."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLAIN_TEXT = re.compile(r"[A-Za-z0-9 ./_+()-]{1,64}")
OLDEST_DECADE = 90
DECADE = 10


@dataclass(frozen=True, slots=True)
class Acquisition:
    """How a CT was made. These fields are everything that survives of a header.

    `spacing_mm` is that of the source, (z, y, x); None is "not stated".
    """

    kilovolt_peak: float | None = None
    slice_thickness_mm: float | None = None
    spacing_mm: tuple[float, float, float] | None = None
    manufacturer: str | None = None
    model: str | None = None
    contrast: bool | None = None
    sex: str | None = None
    age_band: str | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """A label map as SimpleITK image of TotalSegmentator v2 ids, on a grid of its own.

    `ids` are the ids that were looked for (None: all of them); `origin` says whose they are.
    """

    image: Any
    origin: str
    ids: frozenset[int] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """A CT as SimpleITK image: values in HU as the source states them, geometry in LPS mm.

    `notes` say what the reader repaired.
    """

    image: Any
    acquisition: Acquisition = Acquisition()
    labels: Labels | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One volume that a layout found; nothing but its names was read yet.

    `patient` is the same for all volumes of a person, so that they can be kept in one split.
    `read` raises `Refused`.
    """

    name: str
    patient: str
    files: tuple[Path, ...]
    source: str
    licence: str
    read: Callable[[], Scan]


def age_band(years: float | None) -> str | None:
    """The decade of an age: `40-49`; from 90 years on only `90+`, as few people are that old."""
    if years is None or years < 0:
        return None
    if years >= OLDEST_DECADE:
        return f"{OLDEST_DECADE}+"
    start = int(years) // DECADE * DECADE
    return f"{start}-{start + DECADE - 1}"


def plain_text(value: object) -> str | None:
    """A short text of harmless characters, or None: free text may hold anything."""
    text = str(value or "").strip()
    return text if PLAIN_TEXT.fullmatch(text) else None


def known_sex(value: object) -> str | None:
    """M, F or O; anything else is not stated."""
    letter = str(value or "").strip()[:1].upper()
    return letter if letter in {"M", "F", "O"} else None


def number(value: object) -> float | None:
    """A positive number, or None where the text is none."""
    try:
        found = float(str(value).replace(",", "."))
    except ValueError:
        return None
    return found if found > 0 else None
