"""Thoracic kyphosis: how far T5 and T12 are bent towards each other on a lateral film."""

from service.domain.measurement import Line, NormalRange
from service.errors import NotMeasurable
from service.measurements import codes
from service.measurements.registry import LATERAL, Definition, Subject, Taken, define
from service.measurements.square_pixels import pixel_aspect
from service.measurements.vertebral_body import Body, towards_front, vertebral_body
from service.measurements.vertebral_column import vertebral_column

UPPER, LOWER = "t5", "t12"


def take(subject: Subject) -> Taken:
    """Return degrees, positive when the back is bent outwards."""
    front = towards_front(subject, subject.once(vertebral_column))
    upper, lower = end_bodies(subject)
    # Bent outwards, plates descend to the front above and to the back below.
    angle = (lower.tilt - upper.tilt) * -front
    centres = tuple(
        (float(vertebra.centre[0] / pixel_aspect(subject)), float(vertebra.centre[1]))
        for vertebra in subject.once(vertebral_column)
    )
    return Taken(angle, _plates(upper, lower, front), "T5 to T12", aids=(centres,))


def end_bodies(subject: Subject) -> tuple[Body, Body]:
    """Return T5 and T12; raises NotMeasurable where one was not found whole, or MissingSegment."""
    column = subject.once(vertebral_column)
    front, aspect = towards_front(subject, column), pixel_aspect(subject)
    found = {vertebra.level: vertebra for vertebra in column}
    for level in (UPPER, LOWER):
        if level not in found:
            raise NotMeasurable(f"{level.upper()} was not found whole among its neighbours")
    return (
        vertebral_body(found[UPPER], aspect, front),
        vertebral_body(found[LOWER], aspect, front),
    )


def _plates(upper: Body, lower: Body, front: int) -> Line:
    """Return the upper plate of T5 and the lower of T12, joined in front."""
    first = tuple(sorted(upper.upper.line, key=lambda point: front * point[1]))
    last = tuple(sorted(lower.lower.line, key=lambda point: -front * point[1]))
    return (*first, *last)


DEFINITION = define(
    Definition(
        key="thoracic_kyphosis",
        name="Thoracic kyphosis",
        code=codes.COBB_ANGLE,
        unit=codes.DEGREE,
        finding_site=codes.SPINE,
        segments=tuple(f"vertebra_t{number}" for number in range(5, 13)),
        take=take,
        definition="Angle between the bodies of T5 and T12 on a lateral film, each taken midway "
        "between its end plates. Between the outer plates it would be larger by half a wedge of "
        "each body: by 4 degrees where 40 degrees are spread evenly over wedged bodies, by less "
        "where the discs bend.",
        formula="mean tilt of both plates of T12 - mean tilt of both plates of T5; plates are "
        "robust lines through the borders of the body",
        source="Lenke et al., J Bone Joint Surg Am 2001;83:1169, for the levels",
        normal=(
            NormalRange(
                10.0,
                40.0,
                "adolescents, standing, T5 to T12",
                "Lenke et al., J Bone Joint Surg Am 2001;83:1169",
            ),
        ),
        views=LATERAL,
    )
)
