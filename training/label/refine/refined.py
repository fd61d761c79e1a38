"""What a refining rule hands back: repaired organs, what is not known any more, what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from training.label.labelled import Labels


@dataclass(frozen=True, slots=True)
class Refined:
    """`organs` uint8 (z, y, x) in numbers of the structure table.

    `unknown` gives, for each key that must not be trusted any more, the reason; `notes` say in
    words what was changed, for the record of the volume.
    """

    organs: Labels
    unknown: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
