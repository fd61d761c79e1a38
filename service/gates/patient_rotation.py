"""Did the patient face the detector? The inner ends of the clavicles against the spine.

Score: the smaller of the two distances from the spine's midline over the larger, 1 when they are
equal. Source: CheXStruct (arXiv 2505.18087) calls 0.4 and more not rotated.
"""

import numpy as np

from service.domain.gate import Gate
from service.domain.measurement import QualityCheck
from service.errors import MissingSegment
from service.gates.evidence import Evidence
from service.gates.registry import question
from service.gates.scored import passed, warning
from service.measurements.midline import Midline, spine_midline
from service.measurements.shape import Shape

REASON = "the patient is rotated: one clavicle ends nearer to the spine than the other"
END = 0.05
"""The inner end of a clavicle is this part of its columns."""


@question(Gate.PATIENT_ROTATION)
def ask(evidence: Evidence) -> QualityCheck | None:
    """Warn below the limit; not asked of a lateral view, nor without clavicles and spine."""
    limit = evidence.limits.get(Gate.PATIENT_ROTATION)
    if limit is None or evidence.is_misread or evidence.is_lateral:
        return None
    try:
        midline = spine_midline(evidence.subject)
        sides = ("clavicle_right", "clavicle_left")
        ends = [inner_end(evidence.subject.shape(key), midline) for key in sides]
    except MissingSegment:
        return None
    score = symmetry(*ends)
    if score < limit:
        return warning(Gate.PATIENT_ROTATION, REASON, score, limit)
    return passed(Gate.PATIENT_ROTATION, score, limit)


def inner_end(clavicle: Shape, midline: Midline) -> float:
    """Return how many columns right of the midline the clavicle's inner end lies.

    Negative on the midline's left. Raises NotMeasurable where the spine is not seen beside it.
    """
    centre_row, centre_column = clavicle.centre
    is_right = centre_column > midline.column(centre_row)
    width = clavicle.mask.shape[1]
    reach = max(1, round(END * width))
    first = 0 if is_right else width - reach
    end = clavicle.mask[:, first : first + reach]
    row = float(np.nonzero(end)[0].mean()) + clavicle.top
    edge = clavicle.left - 0.5 if is_right else clavicle.right + 0.5
    return edge - midline.column(row)


def symmetry(one: float, other: float) -> float:
    """Return the smaller over the larger distance; 0 when both ends lie on one side."""
    if one * other >= 0:
        return 0.0
    return min(abs(one), abs(other)) / max(abs(one), abs(other))
