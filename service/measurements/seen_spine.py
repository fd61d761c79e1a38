"""The spine as a film shows it: through vertebrae that were named, else along its mask."""

from dataclasses import dataclass

from service.errors import MissingSegment
from service.measurements.registry import Subject
from service.measurements.spine_line import SpineLine, mask_line, spine_line
from service.measurements.square_pixels import pixel_aspect
from service.measurements.vertebral_column import Vertebra, vertebral_column

FEWEST_SEEN = 6
"""With fewer vertebrae one cannot tell where a curve ends."""


@dataclass(frozen=True, slots=True)
class SeenSpine:
    """The line that curves are found on, and the vertebrae it goes through, if any were named."""

    line: SpineLine
    column: tuple[Vertebra, ...]

    @property
    def segments(self) -> tuple[str, ...]:
        """Return the keys of what it was taken from."""
        return tuple(vertebra.key for vertebra in self.column) or ("spine",)


def seen_spine(subject: Subject) -> SeenSpine:
    """Return the spine through its vertebrae, else along its mask.

    Raises MissingSegment, NotMeasurable: of the mask, since every model has one.
    """
    try:
        column = vertebral_column(subject, FEWEST_SEEN)
    except MissingSegment:
        return SeenSpine(mask_line(subject), ())
    return SeenSpine(spine_line(column, pixel_aspect(subject)), column)
