"""Cardiac width: horizontal distance between the outermost points of the heart's borders."""

from service.domain.image import ViewPosition
from service.domain.measurement import NormalRange
from service.measurements import codes
from service.measurements.extents import heart_extent, millimetres
from service.measurements.registry import Definition, Subject, Taken, define


def take(subject: Subject) -> Taken:
    """Return millimetres in the plane that the spacing's provenance states."""
    heart = subject.once(heart_extent)
    value = millimetres(heart.width, subject.spacing)
    return Taken(value, heart.line(), subject.spacing.provenance.value)


DEFINITION = define(
    Definition(
        key="cardiac_width",
        name="Maximal transverse cardiac diameter",
        code=codes.DIAMETER,
        unit=codes.MILLIMETRE,
        finding_site=codes.HEART,
        segments=("heart",),
        take=take,
        definition="Horizontal distance between the outermost points of the heart's two borders; "
        "they need not lie in one row.",
        formula="columns that the heart's largest component spans, without what is as thin as a "
        "vessel, x column spacing",
        normal=(
            NormalRange(
                None,
                155.0,
                "adult men, standing; 145 mm in women",
                "primary care notebook: cardiac size on a chest radiograph",
                (ViewPosition.POSTERO_ANTERIOR,),
            ),
        ),
        source="Danzer, Am J Med Sci 1919;157:513",
    )
)
