"""Priors among our own results, and the results that a new one supersedes."""

from dataclasses import dataclass

from pydicom import Dataset

from service import __version__
from service.domain.analysis import Analysis
from service.domain.image import SpacingProvenance
from service.domain.measurement import Measurement
from service.domain.prior import Prior
from service.domain.superseded import Superseded
from service.errors import NotEligible, RejectedInstance
from service.imaging.read import read_header
from service.persistence.films import AnalysedFilm
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.priors.history import Present
from service.priors.identity import contradicts
from service.priors.results import measured_values, stored_measurements, stored_objects

SOURCE = "database"
FILMS_LOOKED_AT = 5


@dataclass(frozen=True, slots=True)
class OwnResults:
    """What this Thorax has analysed before."""

    database: Database
    spool: Spool
    name: str = SOURCE

    def prior(self, present: Present) -> Prior | None:
        """Return the newest earlier film of the patient in this view; None when there is none.

        One whose result is of another model or version is measured again from its kept instance;
        one that cannot be is passed over. Raises OutOfResources.
        """
        own = present.analysis.image.reference.sop_instance_uid
        with self.database.reading() as unit:
            films = unit.films.earlier(present.film, own, FILMS_LOOKED_AT)
        return next(filter(None, (self._prior(each, present) for each in films)), None)

    def superseded(self, analysis: Analysis) -> Superseded | None:
        """Return the newest earlier result of this instance by another model or version.

        Results of this very model and version are passed over: the new one is the same as they
        are, down to what it supersedes.
        """
        with self.database.reading() as unit:
            results = unit.films.of_instance(analysis.image.reference.sop_instance_uid)
        for each in results:
            model = each.job.model
            if model is not None and not _is_by(each, analysis):
                objects = stored_objects(self.spool.result_folder(each.job.id))
                study = each.job.reference.study_instance_uid
                return Superseded(study, model, objects) if objects else None
        return None

    def _prior(self, earlier: AnalysedFilm, present: Present) -> Prior | None:
        path, described_by = self.spool.instance_path(earlier.job), present.analysis.measurements
        try:
            if path.exists():
                _check_same_person(read_header(path), present.header)
            if _is_by(earlier, present.analysis):
                folder = self.spool.result_folder(earlier.job.id)
                stored = stored_measurements(folder, described_by)
                if stored is not None:
                    return _made(earlier, present.analysis, *stored)
            if not path.exists():
                return None
            again = present.measure(path, lambda _: None).analysis
        except (NotEligible, RejectedInstance):
            return None
        values = measured_values(again, described_by)
        return _made(earlier, present.analysis, values, again.image.spacing.provenance)


def _is_by(earlier: AnalysedFilm, analysis: Analysis) -> bool:
    """Return whether the same weights and the same software made it: only then values compare."""
    model = earlier.job.model
    same_weights = model is not None and model.sha256 == analysis.model.sha256
    return same_weights and earlier.software == __version__


def _check_same_person(header: Dataset, other: Dataset) -> None:
    if contradicts(header, other):
        raise NotEligible("the headers contradict each other", code="another_patient")


def _made(
    earlier: AnalysedFilm,
    analysis: Analysis,
    measurements: tuple[Measurement, ...],
    spacing: SpacingProvenance,
) -> Prior:
    return Prior(
        reference=earlier.job.reference,
        acquired=earlier.film.date,
        view=earlier.film.view,
        source=SOURCE,
        model=analysis.model,
        measurements=measurements,
        spacing=spacing,
    )
