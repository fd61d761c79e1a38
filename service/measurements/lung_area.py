"""Lung areas: how much of the film each lung field covers."""

from functools import partial

from service.domain.gate import Gate
from service.measurements import codes
from service.measurements.extents import square_millimetres
from service.measurements.lung_fields import LEFT, RIGHT, LungSide, field_outline, whole_field
from service.measurements.registry import Definition, Subject, Taken, define


def take(subject: Subject, side: LungSide) -> Taken:
    """Return square millimetres in the plane that the spacing's provenance states."""
    field = whole_field(subject, side)
    value = square_millimetres(field.pixels, subject.spacing)
    return Taken(value, field_outline(subject, side), subject.spacing.provenance.value)


DEFINITIONS = tuple(
    define(
        Definition(
            key=f"lung_area_{side.name}",
            name=f"Area of the {side.name} lung field",
            code=codes.AREA,
            unit=codes.SQUARE_MILLIMETRE,
            finding_site=side.site,
            segments=(side.segment,),
            take=partial(take, side=side),
            definition=f"Area of the {side.name} lung as far as it is not covered by heart, "
            "mediastinum and diaphragm.",
            formula="pixels of the lung field's largest component x row spacing x column spacing",
            source="plain area; no clinical definition",
            gates=(Gate.FIELD_APICES, Gate.FIELD_SIDES, Gate.FIELD_BASES),
        )
    )
    for side in (RIGHT, LEFT)
)
