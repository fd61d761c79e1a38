"""The trachea between thoracic inlet and carina, as deviation and comparisons take it."""

import numpy as np

from service.errors import NotMeasurable
from service.measurements.borders import Borders, borders
from service.measurements.registry import Subject

LEAST_HEIGHT = 0.08
"""Of the image's height; a shorter piece is no trachea."""
TRIMMED_ABOVE, TRIMMED_BELOW = 0.25, 0.1
"""Of the trachea's height: the larynx above and the widening before the carina are left out."""


def straight_trachea(subject: Subject) -> Borders:
    """Return the borders of the trachea's straight part; raises MissingSegment, NotMeasurable."""
    whole = borders(subject.shape("trachea"))
    if len(whole.rows) < LEAST_HEIGHT * subject.rows:
        raise NotMeasurable("too little of the trachea is seen")
    return whole.inner(TRIMMED_ABOVE, TRIMMED_BELOW)


def tracheal_width(subject: Subject) -> float:
    """Return the median width of the trachea's straight part in pixels."""
    return float(np.median(subject.once(straight_trachea).widths))
