"""Lung area ratio: right lung field over left."""

from service.domain.gate import Gate
from service.measurements import codes
from service.measurements.lung_fields import LEFT, RIGHT, field_outline, whole_field
from service.measurements.registry import Definition, Subject, Taken, define


def take(subject: Subject) -> Taken:
    """Return the ratio, shown on the right lung's outline with the left one beside it."""
    right, left = whole_field(subject, RIGHT), whole_field(subject, LEFT)
    lines = field_outline(subject, RIGHT), field_outline(subject, LEFT)
    return Taken(right.pixels / left.pixels, lines[0], aids=lines[1:])


DEFINITION = define(
    Definition(
        key="lung_area_ratio",
        name="Right to left lung area ratio",
        code=codes.LUNG_AREA_RATIO,
        unit=codes.RATIO_UNIT,
        finding_site=codes.LUNG,
        segments=("right_lung_field", "left_lung_field"),
        take=take,
        definition="Area of the right lung field over that of the left. The heart covers more of "
        "the left one, so that it is above 1 in most people.",
        formula="pixels of the right lung field / pixels of the left, largest components",
        source="plain ratio; no clinical definition",
        gates=(Gate.FIELD_APICES, Gate.FIELD_SIDES, Gate.FIELD_BASES, Gate.PATIENT_ROTATION),
        drawn_with="lung_area_right",
    )
)
