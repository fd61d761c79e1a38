"""A chest, and not another body part, an animal or a test pattern.

Score: how sure the network is of the structures that it drew (`certainty.py`), on the picture as it
should have been stored, so that a negative or a turned film is still seen to be a chest. The header
cannot tell a dental film or an animal without a body part from a chest.
"""

from service.domain.gate import Gate
from service.domain.measurement import QualityCheck
from service.gates.evidence import Evidence
from service.gates.registry import question
from service.gates.scored import failed, passed

REASON = "not a chest radiograph that the model reads: it is not sure of what it drew"


@question(Gate.CHEST, refusal="not_frontal_chest")
def ask(evidence: Evidence) -> QualityCheck | None:
    """Fail below the limit: the job ends `skipped`."""
    limit = evidence.limits.get(Gate.CHEST)
    if limit is None:
        return None
    if evidence.certainty < limit:
        return failed(Gate.CHEST, REASON, evidence.certainty, limit)
    return passed(Gate.CHEST, evidence.certainty, limit)
