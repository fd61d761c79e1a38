"""The filters as a stage uses them: what is judged by which bands, and what goes with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from training.label.derive.derived import Spacing
from training.label.derive.lungs import LOBES
from training.label.filters.bands import Band
from training.label.filters.judge import Verdict, judge
from training.label.labelled import Labels, Mask


@dataclass(frozen=True, slots=True)
class Filters:
    """Bands, and the keys that are not judged because a person distrusts them already.

    Somebody who named what is wrong in a volume keeps the rest of it: what they named does not
    count when a volume is refused for too many organs out of their bands.
    """

    bands: Sequence[Band]
    distrusted: frozenset[str] = field(default_factory=frozenset)

    def judged(
        self, organs: Labels, known: frozenset[str], body: Mask, spacing_mm: Spacing
    ) -> Verdict:
        """Return what is not believed of the organs (z, y, x), and why.

        The lobes of a lung that is not believed go with it; wholes (ribs, spine, aorta) of which a
        part is not believed stay.
        """
        verdict = judge(organs, known - self.distrusted, body, spacing_mm, self.bands)
        unknown = {key: f"shape filter: {reason}" for key, reason in verdict.unknown.items()}
        for side, lobes in LOBES.items():
            if f"{side}_lung" in unknown:
                reason = f"shape filter: the {side} lung is not believed"
                gone = (lobe for lobe in lobes if lobe in known)
                unknown = {**dict.fromkeys(gone, reason), **unknown}
        return replace(verdict, unknown=unknown)
