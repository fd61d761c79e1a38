"""An analysis set beside what came before: the prior, the changes, the superseded result."""

from dataclasses import dataclass, replace
from pathlib import Path

from pydicom import Dataset

from service.domain.analysis import Analysis
from service.domain.film import Film
from service.imaging.eligibility import check_eligible
from service.imaging.read import DecodeLimits, read_header, read_image
from service.inference.session import Segmenter
from service.measurements.change import changes_since
from service.pipeline import analyse
from service.priors.history import Check, History, Lookup, MeasuredFilm, Present


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing needs: whom to ask, and how another film is measured."""

    history: History
    segmenter: Segmenter
    decode_limits: DecodeLimits

    def compared(self, header: Dataset, analysis: Analysis) -> tuple[Analysis, Film | None]:
        """Return the analysis with its past, and what its film is found by from now on.

        Raises OutOfResources when it cannot be known which result is superseded.
        """
        film = self.history.film(header, analysis.image.view)
        lookup = self._lookup(header, film, analysis)
        changes = (
            changes_since(lookup.prior, analysis.measurements, analysis.image.spacing.provenance)
            if lookup.prior
            else ()
        )
        placed = replace(
            analysis,
            prior=lookup.prior,
            changes=changes,
            prior_reason=lookup.reason,
            superseded=self.history.superseded(analysis),
        )
        return placed, film

    def _lookup(self, header: Dataset, film: Film | None, analysis: Analysis) -> Lookup:
        if film is None:
            return Lookup()
        return self.history.prior(Present(header, film, analysis, self._measure))

    def _measure(self, path: Path, check: Check) -> MeasuredFilm:
        header = read_header(path, self.decode_limits)
        check_eligible(header)
        check(header)
        image = read_image(path, header, self.decode_limits)
        return MeasuredFilm(header, analyse(image, self.segmenter))
