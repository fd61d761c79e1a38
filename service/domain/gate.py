"""The questions asked of a radiograph before it is measured, by the names that results use."""

from enum import StrEnum


class Gate(StrEnum):
    """One question each; `service/gates/<name>.py` answers it."""

    EXPOSURE = "exposure"
    CHEST = "chest"
    VIEW = "view"
    PROJECTION = "projection"
    POLARITY = "polarity"
    TURNED = "turned"
    MIRRORED = "mirrored"
    FIELD_APICES = "field_apices"
    FIELD_SIDES = "field_sides"
    FIELD_BASES = "field_bases"
    PATIENT_ROTATION = "patient_rotation"
    INSPIRATION = "inspiration"
    AGE = "age"


ALWAYS = (Gate.VIEW, Gate.POLARITY, Gate.TURNED)
"""What every measurement depends on: masks of a negative or of a turned film mean nothing."""
