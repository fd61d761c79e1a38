"""Whether the couch was taken away, and only the couch.

Couch, blankets and cables outside the body are set to air. They come to a few litres at most; more
means that a part of the patient may have gone with them: a warning, to look at the picture.
"""

from training.ingest.gate import GATES, Evidence, Outcome, Verdict

MOST_ML = 6000.0


@GATES.register("table")
def table(evidence: Evidence) -> Verdict:
    """Score: millilitres denser than air that were removed outside the body."""
    if evidence.removed_ml <= MOST_ML:
        return Verdict(Outcome.OK, evidence.removed_ml, MOST_ML)
    reason = "more than a couch was removed outside the body"
    return Verdict(Outcome.WARNING, evidence.removed_ml, MOST_ML, reason)
