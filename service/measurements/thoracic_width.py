"""Thoracic width: horizontal distance between the outer borders of the two lung fields."""

from service.measurements import codes
from service.measurements.extents import millimetres, thorax_extent
from service.measurements.registry import Definition, Subject, Taken, define


def take(subject: Subject) -> Taken:
    """Return millimetres in the plane that the spacing's provenance states."""
    thorax = thorax_extent(subject)
    value = millimetres(thorax.width, subject.spacing)
    return Taken(value, thorax.line(), subject.spacing.provenance.value)


define(
    Definition(
        key="thoracic_width",
        name="Maximal internal thoracic diameter",
        code=codes.WIDTH,
        unit=codes.MILLIMETRE,
        finding_site=codes.THORACIC_CAVITY,
        segments=("right_lung_field", "left_lung_field"),
        take=take,
    )
)
