"""Diaphragm height difference: how much higher the right dome stands than the left one."""

from service.domain.gate import Gate
from service.domain.measurement import NormalRange
from service.measurements import codes
from service.measurements.extents import vertical_millimetres
from service.measurements.hemidiaphragms import dome
from service.measurements.lung_fields import LEFT, RIGHT
from service.measurements.registry import Definition, Subject, Taken, define


def take(subject: Subject) -> Taken:
    """Return millimetres, positive when the right dome is higher."""
    right, left = dome(subject, RIGHT), dome(subject, LEFT)
    value = vertical_millimetres(left.top[0] - right.top[0], subject.spacing)
    # From the right dome across to above the left one, then down to it: the last leg is the value.
    line = (right.top, (right.top[0], left.top[1]), left.top)
    source = subject.spacing.provenance.value
    return Taken(value, line, source, aids=(right.border, left.border))


DEFINITION = define(
    Definition(
        key="diaphragm_height_difference",
        name="Diaphragm height difference, positive when the right dome is higher",
        code=codes.HEIGHT,
        unit=codes.MILLIMETRE,
        finding_site=codes.DIAPHRAGM,
        segments=(
            "right_hemidiaphragm",
            "left_hemidiaphragm",
            "right_lung_field",
            "left_lung_field",
        ),
        take=take,
        definition="Vertical distance between the highest points of both domes under the lungs. "
        "The right one usually stands half an interspace higher.",
        formula="(row of the left dome - row of the right one) x row spacing; a dome is the "
        "highest part of the upper border under the middle three fifths of the lung",
        source="Felson, Chest Roentgenology, Saunders 1973",
        normal=(
            NormalRange(
                -30.0,
                30.0,
                "adults, standing; 2 % of 500 healthy ones exceed it",
                "Felson, Chest Roentgenology, Saunders 1973",
            ),
        ),
        gates=(Gate.FIELD_BASES,),
    )
)
