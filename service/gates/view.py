"""Frontal or lateral? Pixels against the views that the model was chosen for.

Score: probability, from the pixels, that the view is the other one. ViewPosition and
ViewCodeSequence chose the model (`service/inference/catalogue.py`); where they are wrong or silent,
masks would be drawn by a model that has never seen such a picture.
"""

from service.domain.gate import Gate
from service.domain.image import ViewPosition
from service.domain.measurement import QualityCheck
from service.gates.evidence import Evidence
from service.gates.registry import question
from service.gates.scored import failed, passed


@question(Gate.VIEW, refusal="view_mismatch")
def ask(evidence: Evidence) -> QualityCheck | None:
    """Fail at the limit: the job ends `skipped`, since no mask would mean anything."""
    limit = evidence.limits.get(Gate.VIEW)
    if limit is None or evidence.storing is None:
        return None
    stated = evidence.image.view
    if evidence.is_lateral:
        score, seen = evidence.storing.frontal, "frontal"
    else:
        score, seen = evidence.storing.lateral, "lateral"
    if score < limit:
        return passed(Gate.VIEW, score, limit)
    says = "no view" if stated is ViewPosition.UNKNOWN else stated.value
    return failed(
        Gate.VIEW, f"the picture looks like a {seen} view, its header says {says}", score, limit
    )
