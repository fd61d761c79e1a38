"""The trachea between thoracic inlet and carina, as deviation and comparisons take it."""

import numpy as np

from service.errors import NotMeasurable
from service.measurements.borders import Borders, borders
from service.measurements.registry import Subject

LEAST_HEIGHT = 0.08
"""Of the image's height; a shorter piece is no trachea."""
TRIMMED_ABOVE, TRIMMED_BELOW = 0.25, 0.1
"""Of the trachea's height: the larynx above and the widening before the carina are left out."""
WIDENED = 2.0
"""Widths of the trachea's upper half: rows that are wider hold the beginning of the bronchi."""


def straight_trachea(subject: Subject) -> Borders:
    """Return the borders of the trachea's straight part; raises MissingSegment, NotMeasurable."""
    whole = subject.once(_above_the_carina)
    if len(whole.rows) < LEAST_HEIGHT * subject.rows:
        raise NotMeasurable("too little of the trachea is seen")
    return whole.inner(TRIMMED_ABOVE, TRIMMED_BELOW)


def carina_row(subject: Subject) -> float:
    """Return the trachea's last row, above the bronchi; raises MissingSegment."""
    return float(subject.once(_above_the_carina).rows[-1])


def _above_the_carina(subject: Subject) -> Borders:
    """Return the trachea alone: some models' masks go on into the main bronchi."""
    whole = borders(subject.shape("trachea"))
    half = len(whole.rows) // 2
    widened = whole.widths > WIDENED * np.median(whole.widths[: half + 1])
    bronchi = np.flatnonzero(widened[half:])
    last = half + int(bronchi[0]) - 1 if len(bronchi) else len(whole.rows) - 1
    return whole.between(float(whole.rows[0]), float(whole.rows[max(0, last)]))


def tracheal_width(subject: Subject) -> float:
    """Return the median width of the trachea's straight part in pixels."""
    return float(np.median(subject.once(straight_trachea).widths))
