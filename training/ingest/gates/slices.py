"""Whether the slices are close enough.

A posterior rib is about 10 mm high: beyond 3 mm its edge is drawn in steps, beyond 6 mm
neighbouring ribs merge. Interpolated gaps are a warning; too many were refused by the reader.
"""

from training.ingest.gate import GATES, Evidence, Outcome, Verdict, graded

WARN_MM = 3.05
REFUSE_MM = 6.05


@GATES.register("slices")
def slices(evidence: Evidence) -> Verdict:
    """Score: the larger of slice distance and slice thickness in mm."""
    acquisition = evidence.acquisition
    distance = acquisition.spacing_mm[0] if acquisition.spacing_mm else 0.0
    thickest = max(distance, acquisition.slice_thickness_mm or 0.0)
    verdict = graded(thickest, WARN_MM, REFUSE_MM, "slices are thick or far apart")
    gaps = [note for note in evidence.notes if "interpolated" in note]
    if gaps and verdict.outcome is Outcome.OK:
        return Verdict(Outcome.WARNING, thickest, WARN_MM, gaps[0])
    return verdict
