"""The head is at the top.

Score: probability, from the pixels, of a turn by 90, 180 or 270 degrees.
"""

from service.domain.gate import Gate
from service.domain.measurement import QualityCheck
from service.gates.evidence import Evidence
from service.gates.registry import question
from service.gates.scored import failed, passed


@question(Gate.TURNED)
def ask(evidence: Evidence) -> QualityCheck | None:
    """Fail at the limit: nothing is measured. The picture is not turned back."""
    limit = evidence.limits.get(Gate.TURNED)
    if limit is None or evidence.storing is None:
        return None
    score = evidence.storing.turned
    if score < limit:
        return passed(Gate.TURNED, score, limit)
    reason = f"the picture is stored turned counter-clockwise by {evidence.storing.degrees} degrees"
    return failed(Gate.TURNED, reason, score, limit)
