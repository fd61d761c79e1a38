"""Whether there is metal in the body.

Nothing of a body but enamel reaches 2000 HU. A pacemaker or a plate streaks and hides what a label
would name: a warning from 0.3 ml, refused from 20 ml (prostheses, long rods).
"""

from training.ingest.gate import GATES, Evidence, Verdict, graded

WARN_ML = 0.3
REFUSE_ML = 40.0


@GATES.register("metal")
def metal(evidence: Evidence) -> Verdict:
    """Score: millilitres of 2000 HU and more inside the body."""
    return graded(evidence.metal_ml, WARN_ML, REFUSE_ML, "metal or undiluted contrast medium")
