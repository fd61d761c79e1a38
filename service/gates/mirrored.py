"""Is the patient's left on the image's right? Pixels against PatientOrientation.

Score: probability of a mirror image, from the pixels: heart, aortic knob and stomach lie on one
side. Situs inversus looks the same, so the reason names both; what has a side is not measured then.
"""

from service.domain.gate import Gate
from service.domain.measurement import QualityCheck
from service.gates.evidence import Evidence
from service.gates.registry import question
from service.gates.scored import failed, passed, warning

MIRRORED = "the heart lies on the wrong side: the picture is mirrored, or the patient's organs are"
AS_STATED = "the picture is mirrored, as PatientOrientation says: the model knows sides as hung"
CONTRADICTED = "PatientOrientation says that the picture is mirrored, the heart says that it is not"


@question(Gate.MIRRORED)
def ask(evidence: Evidence) -> QualityCheck | None:
    """Fail at the limit; warn when only the header says so. Not asked of a lateral view."""
    limit = evidence.limits.get(Gate.MIRRORED)
    if limit is None or evidence.storing is None or evidence.is_lateral:
        return None
    score = evidence.storing.mirrored
    says_mirrored = evidence.image.patient_left_is_on_image_right is False
    if score >= limit:
        return failed(Gate.MIRRORED, AS_STATED if says_mirrored else MIRRORED, score, limit)
    if says_mirrored:
        return warning(Gate.MIRRORED, CONTRADICTED, score, limit)
    return passed(Gate.MIRRORED, score, limit)
