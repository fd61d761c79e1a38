"""Heart and lung fields as a reader draws them, from where they end in a projection.

Readers draw inside the edge of what they see: a lung field ends before the ribs, before the dome
and before the heart's shadow, only its apex is drawn in full. The heart's lower border cannot be
seen at all; readers join both cardiophrenic angles by a flat arc, and they begin the heart below
the vessels that leave it. The shares below were chosen on films that may be trained on (60 to 129),
so that a network taught by them draws as much too much as too little.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.project.silhouette import FEWEST_PIXELS, largest

Mask = npt.NDArray[np.bool_]

INSIDE = 0.018  # how far inside a field's edge it is drawn, as a share of its width
TOP = 0.03  # of the heart's height lies above where readers begin
CREST = 0.35  # how far the upper border falls to the sides, as a share of the heart's width
LOWEST_CREST = 0.1  # further down the heart ends at the lungs
SAG = 0.14  # of the arc below the cardiophrenic angles, as a share of the heart's width
BESIDE = 0.25  # of the heart's width: where its angle with the dome is looked for
FEWEST_COLUMNS = 3


def drawn_field(field: Mask) -> Mask:
    """A lung field (rows, columns), smaller by a margin at its sides and twice that below.

    What a disc leaves of the field is moved up by the disc's radius: the apex stays where it was.
    """
    if not field.any():
        return field
    margin = INSIDE * (np.ptp(np.flatnonzero(field.any(0))) + 1)
    inner = ndimage.distance_transform_edt(np.pad(field, 1))[1:-1, 1:-1] > margin
    raised = np.zeros_like(field)
    step = round(margin)
    raised[: len(field) - step] = inner[step:]
    return raised & field


def drawn_heart(heart: Mask, right: Mask, left: Mask) -> Mask:
    """The heart (rows, columns) between the drawn fields, above its arc and below its vessels.

    What is too small to have a shape is returned as it is.
    """
    if heart.sum() < FEWEST_PIXELS:
        return heart
    columns = np.flatnonzero(heart.any(0))
    width = int(np.ptp(columns)) + 1
    grown = ndimage.distance_transform_edt(~heart) <= 2 * INSIDE * width
    rows = np.flatnonzero(heart.any(1))
    index = np.arange(len(heart))[:, None]
    begins = rows[0] + TOP * (np.ptp(rows) + 1) + _crest(heart, rows[0], width)
    found = grown & ~right & ~left & (index >= begins) & (index <= rows[-1])
    lowest = _arc(columns[0], width, right, left)
    found = found if lowest is None else found & (index <= lowest)
    return largest(np.asarray(found))


def _crest(heart: Mask, first: int, width: int) -> npt.NDArray[np.float64]:
    """How far below its highest point a heart that begins in row `first` may begin (columns,)."""
    upper = heart[first : first + max(1, round(TOP * width))].any(0)
    beside = (np.arange(heart.shape[1]) - np.flatnonzero(upper).mean()) / width
    return np.asarray(width * np.minimum(4 * CREST * beside**2, LOWEST_CREST))


def _arc(first: int, width: int, right: Mask, left: Mask) -> npt.NDArray[np.float64] | None:
    """The lowest row (columns,) of a heart that begins at column `first`; None without an angle."""
    reach = max(FEWEST_COLUMNS, round(BESIDE * width))
    ends = (
        _foot(right, first - reach, first),
        _foot(left, first + width, first + width + reach),
    )
    if ends[0] is None or ends[1] is None:
        return None
    along = (np.arange(right.shape[1]) - first) / max(1, width - 1)
    line = ends[0] + along * (ends[1] - ends[0])
    return np.asarray(line + 4 * SAG * width * (along * (1 - along)).clip(0))


def _foot(field: Mask, first: int, last: int) -> float | None:
    """The row where a field usually ends in these columns; None where it hardly has any."""
    part = field[:, max(0, first) : last]
    filled = part.any(0)
    if filled.sum() < FEWEST_COLUMNS:
        return None
    lowest = len(part) - 1 - np.argmax(part[::-1], axis=0)
    return float(np.median(lowest[filled]))
