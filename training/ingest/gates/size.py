"""Whether the volume is as large as a chest.

Less than 180 mm high or 200 mm wide, or 120 mm deep, cannot hold both lungs of an adult; more than
1.3 m is a whole body, whose arms and head a chest projection does not need: a warning.
"""

from training.ingest.gate import GATES, Evidence, Outcome, Verdict

LEAST_MM = (180.0, 120.0, 200.0)
MOST_MM = 1300.0


@GATES.register("size")
def size(evidence: Evidence) -> Verdict:
    """Score: height in mm, or that of the extents which is too small."""
    pairs = zip(evidence.volume.hu.shape, evidence.volume.spacing_mm, strict=True)
    extents = [count * spacing for count, spacing in pairs]
    for extent, least, axis in zip(extents, LEAST_MM, ("high", "deep", "wide"), strict=True):
        if extent < least:
            return Verdict(Outcome.REFUSED, extent, least, f"less than {least:.0f} mm {axis}")
    if extents[0] > MOST_MM:
        return Verdict(Outcome.WARNING, extents[0], MOST_MM, "much more than a chest")
    return Verdict(Outcome.OK, extents[0], LEAST_MM[0])
