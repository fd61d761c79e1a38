"""Where an anatomical location lies on a radiograph, as a box."""

from dataclasses import dataclass

Box = tuple[int, int, int, int]
"""First row, first column, row after the last, column after the last, in source pixels."""


@dataclass(frozen=True, slots=True)
class Location:
    """One named place of the chest.

    name: as Chest ImaGenome calls it. segments: keys of the structures that its box follows from.
    is_whole: the box is that of the structures themselves, not of a part of them.
    box is None exactly when `reason` says why.
    """

    name: str
    segments: tuple[str, ...]
    is_whole: bool
    box: Box | None
    reason: str | None = None
