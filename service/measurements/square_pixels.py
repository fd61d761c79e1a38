"""What angles need to know: how much higher than wide a pixel is."""

from service.errors import NotMeasurable
from service.measurements.registry import Subject

NOT_SQUARE = "pixels_not_square"
"""The warning of `service/imaging/reasons.py`, as the quality check `header` repeats it."""


def pixel_aspect(subject: Subject) -> float:
    """Return row over column spacing; pixels of which nothing is said are square.

    Raises NotMeasurable when the header says that they are not, without a spacing that could be
    believed: an angle between oblong pixels of unknown shape means nothing.
    """
    spacing = subject.spacing
    if spacing.row_mm is None and any(check.value == NOT_SQUARE for check in subject.checks):
        raise NotMeasurable("the pixels are not square and no pixel spacing is known")
    return spacing.aspect
