"""The tips of the lungs are inside the picture.

Score: rows between the picture's upper edge and the higher lung, as a share of the rows.
"""

from service.domain.gate import Gate
from service.domain.measurement import QualityCheck
from service.gates.evidence import Evidence
from service.gates.margins import lungs
from service.gates.registry import question
from service.gates.scored import failed, passed

REASON = "an apex of the lungs is cut off by the picture's upper edge"


@question(Gate.FIELD_APICES)
def ask(evidence: Evidence) -> QualityCheck | None:
    """Fail below the limit."""
    limit, found = evidence.limits.get(Gate.FIELD_APICES), lungs(evidence)
    if limit is None or not found:
        return None
    score = min(shape.top for shape in found) / evidence.image.rows
    if score < limit:
        return failed(Gate.FIELD_APICES, REASON, score, limit)
    return passed(Gate.FIELD_APICES, score, limit)
