"""The level of the aortic arch, at which the mediastinum and the aortic knob are measured."""

from typing import NamedTuple

from service.errors import NotMeasurable
from service.measurements.airway import carina_row
from service.measurements.registry import Subject

LEAST_HEIGHT = 0.02
"""From the top of the aorta to the carina; of the image's height. Less is a mask gone wrong."""
ARCH_PART = 0.6
"""Of the rows from the top of the aorta to the carina: below, pulmonary artery and hila begin."""


class Level(NamedTuple):
    """First and last row, in source pixels."""

    first: float
    last: float


def arch_level(subject: Subject) -> Level:
    """Return the rows of the aortic arch.

    The arch's own rows where the model has it; else from the top of the aorta part of the way
    down to the lower end of the trachea, over whose division the arch lies. Raises
    MissingSegment, NotMeasurable.
    """
    vessel = subject.shape(arch_segments(subject)[0])
    if subject.segmentation.has("aortic_arch"):
        return Level(vessel.top, vessel.bottom)
    top, carina = vessel.top, carina_row(subject)
    if carina - top < LEAST_HEIGHT * subject.rows:
        raise NotMeasurable("the aorta does not reach above the division of the trachea")
    return Level(top, top + ARCH_PART * (carina - top))


def arch_segments(subject: Subject) -> tuple[str, ...]:
    """Return the keys of what shows the arch's level; the first is its outline too."""
    return ("aortic_arch",) if subject.segmentation.has("aortic_arch") else ("aorta", "trachea")
