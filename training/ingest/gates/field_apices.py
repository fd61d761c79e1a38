"""Whether the top of the lungs is inside the field.

A cut apex moves every measure that starts there; up to 15 mm is a sliver that hides behind the
clavicle, more is refused.
"""

import numpy as np

from training.ingest.edges import cut_off_mm
from training.ingest.gate import GATES, Evidence, Verdict, graded, unanswered

WARN_MM = 0.0
REFUSE_MM = 15.0


@GATES.register("field_apices")
def field_apices(evidence: Evidence) -> Verdict:
    """Score: estimated millimetres of lung above the last slice, the worse side."""
    if evidence.lungs is None:
        return unanswered()
    spacing = evidence.volume.spacing_mm
    sides = (evidence.lungs.right, evidence.lungs.left)
    areas = [side.sum(axis=(1, 2)) * spacing[1] * spacing[2] for side in sides]
    worst = max(cut_off_mm(np.asarray(area, float), spacing[0]) for area in areas)
    return graded(worst, WARN_MM, REFUSE_MM, "the top of a lung lies outside the field")
