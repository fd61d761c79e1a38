"""Dense tissue is bright, as MONOCHROME1 or 2 promised.

Score: probability of a negative, from the pixels.
"""

from service.domain.gate import Gate
from service.domain.measurement import QualityCheck
from service.gates.evidence import Evidence
from service.gates.registry import question
from service.gates.scored import failed, passed

REASON = "dense tissue is dark: PhotometricInterpretation does not fit the pixels"


@question(Gate.POLARITY)
def ask(evidence: Evidence) -> QualityCheck | None:
    """Fail at the limit: nothing is measured."""
    limit = evidence.limits.get(Gate.POLARITY)
    if limit is None or evidence.storing is None:
        return None
    score = evidence.storing.inverted
    if score >= limit:
        return failed(Gate.POLARITY, REASON, score, limit)
    return passed(Gate.POLARITY, score, limit)
