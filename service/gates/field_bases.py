"""The bases of the lungs, with the costophrenic angles, are inside the picture.

Score: rows between the picture's lower edge and the lower lung, as a share of the rows.
"""

from service.domain.gate import Gate
from service.domain.measurement import QualityCheck
from service.gates.evidence import Evidence
from service.gates.margins import lungs
from service.gates.registry import question
from service.gates.scored import failed, passed

REASON = "a base of the lungs is cut off by the picture's lower edge"


@question(Gate.FIELD_BASES)
def ask(evidence: Evidence) -> QualityCheck | None:
    """Fail below the limit."""
    limit, found = evidence.limits.get(Gate.FIELD_BASES), lungs(evidence)
    if limit is None or not found:
        return None
    rows = evidence.image.rows
    score = min(rows - 1 - shape.bottom for shape in found) / rows
    if score < limit:
        return failed(Gate.FIELD_BASES, REASON, score, limit)
    return passed(Gate.FIELD_BASES, score, limit)
