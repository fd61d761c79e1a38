"""Both side borders of the lungs are inside the picture.

Score: columns between the nearer of the two edges and the lungs, as a share of the columns.
"""

from service.domain.gate import Gate
from service.domain.measurement import QualityCheck
from service.gates.evidence import Evidence
from service.gates.margins import lungs
from service.gates.registry import question
from service.gates.scored import failed, passed

REASON = "a side of the lungs is cut off by the picture's edge"


@question(Gate.FIELD_SIDES)
def ask(evidence: Evidence) -> QualityCheck | None:
    """Fail below the limit."""
    limit, found = evidence.limits.get(Gate.FIELD_SIDES), lungs(evidence)
    if limit is None or not found:
        return None
    columns = evidence.image.columns
    score = min(min(shape.left, columns - 1 - shape.right) for shape in found) / columns
    if score < limit:
        return failed(Gate.FIELD_SIDES, REASON, score, limit)
    return passed(Gate.FIELD_SIDES, score, limit)
