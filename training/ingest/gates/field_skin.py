"""Whether the skin is inside the field.

Where the field cuts arms or flanks, a projection shows a straight false border, but the lungs are
whole: a warning only. The score is how much of the body's outline lies on the field's edge.
"""

import numpy as np

from training.ingest.gate import GATES, Evidence, Outcome, Verdict

WARN_MM = 150.0


@GATES.register("field_skin")
def field_skin(evidence: Evidence) -> Verdict:
    """Score: millimetres of body along the four edges of a slice, the median of the slices."""
    body, spacing = evidence.body, evidence.volume.spacing_mm
    along_x = body[:, 0].sum(1) + body[:, -1].sum(1)
    along_y = body[:, :, 0].sum(1) + body[:, :, -1].sum(1)
    score = float(np.median(along_x * spacing[2] + along_y * spacing[1]))
    if score <= WARN_MM:
        return Verdict(Outcome.OK, score, WARN_MM)
    return Verdict(Outcome.WARNING, score, WARN_MM, "the field cuts the skin")
