"""A horizontal length that several measurements read: one in millimetres, one as a ratio."""

from dataclasses import dataclass

from service.domain.image import PixelSpacing
from service.domain.measurement import Line
from service.measurements.extents import millimetres
from service.measurements.registry import Taken


@dataclass(frozen=True, slots=True)
class HorizontalLength:
    """columns: the length in pixels, signed where its direction counts. line, aids: as drawn.

    segments: keys of what it was taken from.
    """

    columns: float
    line: Line
    aids: tuple[Line, ...]
    segments: tuple[str, ...]

    def in_millimetres(self, spacing: PixelSpacing) -> Taken:
        """Return millimetres in the plane that the provenance states; raises NotMeasurable."""
        value = millimetres(self.columns, spacing)
        return Taken(value, self.line, spacing.provenance.value, self.aids, segments=self.segments)
