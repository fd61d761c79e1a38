"""Whether the lung bases are inside the field.

Below the dome only the narrow recess is left, so a cut base loses little area but all of the
costophrenic angle: up to 20 mm is a warning, more is refused.
"""

import numpy as np

from training.ingest.edges import cut_off_mm
from training.ingest.gate import GATES, Evidence, Verdict, graded, unanswered

WARN_MM = 0.0
REFUSE_MM = 20.0


@GATES.register("field_bases")
def field_bases(evidence: Evidence) -> Verdict:
    """Score: estimated millimetres of lung below the first slice, the worse side."""
    if evidence.lungs is None:
        return unanswered()
    spacing = evidence.volume.spacing_mm
    sides = (evidence.lungs.right, evidence.lungs.left)
    areas = [side[::-1].sum(axis=(1, 2)) * spacing[1] * spacing[2] for side in sides]
    worst = max(cut_off_mm(np.asarray(area, float), spacing[0]) for area in areas)
    return graded(worst, WARN_MM, REFUSE_MM, "the base of a lung lies outside the field")
