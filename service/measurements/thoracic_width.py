"""Thoracic width: horizontal distance between the outer borders of the two lung fields."""

from service.domain.gate import Gate
from service.measurements import codes
from service.measurements.extents import millimetres, thorax_extent
from service.measurements.registry import Definition, Subject, Taken, define


def take(subject: Subject) -> Taken:
    """Return millimetres in the plane that the spacing's provenance states."""
    thorax = subject.once(thorax_extent)
    value = millimetres(thorax.width, subject.spacing)
    return Taken(value, thorax.line(), subject.spacing.provenance.value)


DEFINITION = define(
    Definition(
        key="thoracic_width",
        name="Maximal internal thoracic diameter",
        code=codes.WIDTH,
        unit=codes.MILLIMETRE,
        finding_site=codes.THORACIC_CAVITY,
        segments=("right_lung_field", "left_lung_field"),
        take=take,
        definition="Horizontal distance between the outer borders of the two lung fields.",
        formula="last column - first column of both lung fields' largest components, "
        "x column spacing",
        source="Danzer, Am J Med Sci 1919;157:513",
        gates=(Gate.FIELD_SIDES,),
    )
)
