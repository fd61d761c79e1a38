"""Is the patient grown up? The model and the normal ranges are those of adults.

Header only: PatientAge, else PatientBirthDate and StudyDate. Nothing is guessed from the picture.
"""

from service.domain.gate import Gate
from service.domain.measurement import QualityCheck
from service.gates.evidence import Evidence
from service.gates.registry import question
from service.gates.scored import passed, warning

REASON = "the patient is under 16: the model and the normal ranges are those of adults"


@question(Gate.AGE)
def ask(evidence: Evidence) -> QualityCheck | None:
    """Warn of a child; not asked when the header does not say."""
    is_child = evidence.image.patient_is_under_16
    if is_child is None:
        return None
    return warning(Gate.AGE, REASON) if is_child else passed(Gate.AGE)
