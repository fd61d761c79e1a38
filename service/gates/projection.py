"""Postero-anterior or antero-posterior? What the header says, and whether it says it twice.

The pixels are not asked: the shoulder blades tell the two apart on CheXStruct's masks, but those of
an arms-down film were never scored (docs/gates.md). An antero-posterior view enlarges the heart.
"""

from service.domain.gate import Gate
from service.domain.image import ViewPosition
from service.domain.measurement import QualityCheck
from service.gates.evidence import Evidence
from service.gates.registry import question
from service.gates.scored import passed, warning

CONTRADICTION = "view_contradiction"
"""The warning of `service/imaging/reasons.py`."""

REASONS = {
    ViewPosition.ANTERO_POSTERIOR: "antero-posterior: the heart looks larger than it is",
    ViewPosition.UNKNOWN: "the header does not say whether postero-anterior or antero-posterior",
}


@question(Gate.PROJECTION)
def ask(evidence: Evidence) -> QualityCheck | None:
    """Warn of all but a postero-anterior view. Not asked of a lateral view."""
    stated = evidence.image.view
    if stated is ViewPosition.LATERAL:
        return None
    if CONTRADICTION in evidence.image.warnings:
        reason = "ViewPosition and ViewCodeSequence contradict each other"
        return warning(Gate.PROJECTION, reason, stated.value)
    if stated in REASONS:
        return warning(Gate.PROJECTION, REASONS[stated], stated.value)
    return passed(Gate.PROJECTION, stated.value)
