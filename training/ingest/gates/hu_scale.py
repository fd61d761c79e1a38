"""Whether the values are HU.

Air near -1000 and soft tissue near 40 are what path lengths and thresholds rest on. Values stored
without their intercept (+1000, +1024) are put right before; anything else is refused.
"""

from training.ingest.gate import GATES, Evidence, Outcome, Verdict

HIGHEST_TISSUE_HU = 104.0


@GATES.register("hu_scale")
def hu_scale(evidence: Evidence) -> Verdict:
    """Score: the soft-tissue peak in HU."""
    scale = evidence.scale
    if scale.tissue_hu is None:
        return Verdict(Outcome.REFUSED, None, None, "air and soft tissue do not lie where HU do")
    if scale.subtracted:
        reason = f"{scale.subtracted} was subtracted: the intercept was missing"
        return Verdict(Outcome.WARNING, scale.tissue_hu, HIGHEST_TISSUE_HU, reason)
    return Verdict(Outcome.OK, scale.tissue_hu, HIGHEST_TISSUE_HU)
