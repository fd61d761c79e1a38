"""The patient breathed in: enough posterior ribs lie above the diaphragm.

Score: number of the lowest right posterior rib whose middle lies above the right dome, on the
vertical line through the middle of the right lung. Source: CheXStruct (arXiv 2505.18087), 9 or more
is full. A model without single ribs is not asked, and ribs that it left out are not guessed.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from service.domain.gate import Gate
from service.domain.measurement import QualityCheck
from service.errors import MissingSegment
from service.gates.evidence import Evidence
from service.gates.registry import question
from service.gates.scored import passed, warning
from service.measurements.registry import Subject

RIBS = tuple(f"posterior_rib_{number}_right" for number in range(1, 12))
REASON = "too few ribs above the diaphragm: breathing in was shallow, the heart looks wider"


@question(Gate.INSPIRATION)
def ask(evidence: Evidence) -> QualityCheck | None:
    """Warn below the limit. Not asked of a lateral view."""
    limit = evidence.limits.get(Gate.INSPIRATION)
    if limit is None or evidence.is_misread or evidence.is_lateral:
        return None
    try:
        score = ribs_above_dome(evidence.subject)
    except MissingSegment:
        return None
    if score is None:
        return None
    if score < limit:
        return warning(Gate.INSPIRATION, REASON, float(score), limit)
    return passed(Gate.INSPIRATION, float(score), limit)


def ribs_above_dome(subject: Subject) -> int | None:
    """Return how many ribs, counted from the first, lie above the dome; None when one is missing.

    Raises MissingSegment without a lung or a dome.
    """
    lung = subject.shape("right_lung_field")
    column = (lung.left + lung.right) // 2
    dome = _rows(subject, "right_hemidiaphragm", column)
    if dome is None:
        return None
    middles = list(_middles(subject, column))
    above = [number for number, middle in enumerate(middles, start=1) if middle < dome[0]]
    gaps = above != list(range(1, len(above) + 1)) or not above
    return None if gaps else above[-1]


def _middles(subject: Subject, column: int) -> Iterator[float]:
    """Yield each rib's middle row on the line; infinity where it does not cross it."""
    for key in RIBS:
        rows = _rows(subject, key, column) if subject.segmentation.has(key) else None
        yield float("inf") if rows is None else float(rows.mean())


def _rows(subject: Subject, key: str, column: int) -> NDArray[np.int64] | None:
    rows = np.flatnonzero(subject.mask(key)[:, column])
    return rows if rows.size else None
