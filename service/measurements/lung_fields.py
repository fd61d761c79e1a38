"""The two lung fields as measurements of lungs take them: whole, or not at all."""

from dataclasses import dataclass
from functools import partial

from service.domain.measurement import Line
from service.domain.segmentation import Code
from service.errors import NotMeasurable
from service.measurements import codes
from service.measurements.outlines import outline
from service.measurements.registry import Subject
from service.measurements.shape import Shape


@dataclass(frozen=True, slots=True)
class LungSide:
    """One of the patient's lungs: `right` or `left`, its code and the segment it is taken from."""

    name: str
    site: Code

    @property
    def segment(self) -> str:
        """Return the key of its lung field."""
        return f"{self.name}_lung_field"


RIGHT = LungSide("right", codes.RIGHT_LUNG)
LEFT = LungSide("left", codes.LEFT_LUNG)


def whole_field(subject: Subject, side: LungSide) -> Shape:
    """Return the lung field; raises MissingSegment, NotMeasurable when the film cuts it off."""
    field = subject.shape(side.segment)
    at_edge = field.top == 0 or field.left == 0
    if at_edge or field.bottom == subject.rows - 1 or field.right == subject.columns - 1:
        raise NotMeasurable(f"the {side.name} lung reaches the edge of the image")
    return field


def field_outline(subject: Subject, side: LungSide) -> Line:
    """Return the whole field's outline; raises MissingSegment, NotMeasurable."""
    return subject.once(_OUTLINES[side])


def _outline(subject: Subject, side: LungSide) -> Line:
    return outline(whole_field(subject, side))


_OUTLINES = {side: partial(_outline, side=side) for side in (RIGHT, LEFT)}
