"""The rows of structures.csv, read once, with types.

The table is the one place that says what a structure is called, how it is coded and how it is
coloured; models' labels, segmentations and training take their words from it. A number is never
given to another structure: 1 to 16 are those of the first frontal model, the rest follow.
"""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from service.domain.segmentation import Code, Laterality, Segment

CATEGORY = Code("91723000", "SCT", "Anatomical structure")
"""Segmented Property Category of every structure here."""


class Precision(StrEnum):
    """How well the code says what the mask is.

    exact: the code alone; modified: the code with its modifiers and side; general: the code is
    the nearest correct one, but covers more than the mask, and `note` says what the mask is.
    """

    EXACT = "exact"
    MODIFIED = "modified"
    GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Structure:
    """One row. `cxas_name` is the label's name in the CXAS data set, None where it has none.

    is_one_piece: whether a film shows it in one part, so that specks beside it are slips. smallest:
    share of a film below which a mask of it is noise.
    """

    number: int
    key: str
    label: str
    group: str
    cxas_name: str | None
    type: Code
    modifiers: tuple[Code, ...]
    laterality: Laterality | None
    precision: Precision
    note: str
    colour_rgb: tuple[int, int, int]
    is_one_piece: bool
    smallest: float

    def to_segment(self) -> Segment:
        """Return the domain's Segment."""
        return Segment(
            self.number,
            self.key,
            self.label,
            CATEGORY,
            self.type,
            self.laterality,
            self.colour_rgb,
            self.modifiers,
        )


@cache
def structures() -> tuple[Structure, ...]:
    """Return every structure, by number."""
    text = files(__package__).joinpath("structures.csv").read_text(encoding="utf-8")
    return tuple(_structure(row) for row in csv.DictReader(text.splitlines()))


@cache
def structures_by_key() -> dict[str, Structure]:
    """Return every structure under its key."""
    return {structure.key: structure for structure in structures()}


def _structure(row: dict[str, str]) -> Structure:
    return Structure(
        number=int(row["number"]),
        key=row["key"],
        label=row["label"],
        group=row["group"],
        cxas_name=row["cxas_name"] or None,
        type=Code(row["type_value"], "SCT", row["type_meaning"]),
        modifiers=tuple(_code(text) for text in row["modifiers"].split("; ") if text),
        laterality=Laterality(row["laterality"]) if row["laterality"] else None,
        precision=Precision(row["precision"]),
        note=row["note"],
        colour_rgb=_colour(row["colour"]),
        is_one_piece=row["pieces"] == "one",
        smallest=float(row["smallest"]),
    )


def _code(text: str) -> Code:
    value, _, meaning = text.partition(" ")
    return Code(value, "SCT", meaning)


def _colour(hexadecimal: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(hexadecimal.removeprefix("#"))
    return red, green, blue
