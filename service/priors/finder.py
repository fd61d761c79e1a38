"""Finds the prior: among our own results first, then at the configured sources in their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydicom import Dataset

from service.domain.analysis import Analysis, Reason
from service.domain.film import Film
from service.domain.image import ViewPosition
from service.domain.prior import Prior
from service.domain.superseded import Superseded
from service.errors import ServiceError
from service.priors.history import Lookup, Present
from service.priors.identity import film_of
from service.priors.own import OwnResults
from service.telemetry.logging import exception_fields, get_logger

log = get_logger(__name__)

NO_PATIENT = Reason("no_patient", "not looked up: the header names no patient")
NO_DATE = Reason("no_date", "not looked up: the header says no date")
NONE_FOUND = Reason("none_found", "no earlier film of this patient in this view was found")


class Source(Protocol):
    """A place outside that may hold an earlier film."""

    @property
    def name(self) -> str:
        """Return its name in the settings."""

    def prior(self, present: Present) -> Prior | None:
        """Return the newest earlier film that it holds, measured; None when it holds none.

        Raises ServiceError when it cannot say.
        """


@dataclass(frozen=True, slots=True)
class PriorFinder:
    """The history that workers use. `key` hashes patients; `is_wanted` False looks nothing up."""

    own: OwnResults
    sources: Sequence[Source]
    key: bytes
    is_wanted: bool = True

    def film(self, header: Dataset, view: ViewPosition) -> Film | None:
        """Return what the film is found again by."""
        return film_of(header, view, self.key)

    def prior(self, present: Present) -> Lookup:
        """Return the prior, or why there is none: whatever goes wrong is a reason, no failure."""
        if not self.is_wanted:
            return Lookup()
        if present.film.patient is None:
            return Lookup(reason=NO_PATIENT)
        if present.film.acquired is None:
            return Lookup(reason=NO_DATE)
        problems = []
        for source in (self.own, *self.sources):
            try:
                prior = source.prior(present)
            except Exception as error:  # noqa: BLE001 - an analysis never fails for its prior
                log.warning("prior_not_looked_up", peer=source.name, **exception_fields(error))
                problems.append(_not_looked_up(source.name, error))
                continue
            if prior is not None:
                return Lookup(prior)
        return Lookup(reason=problems[0] if problems else NONE_FOUND)

    def superseded(self, analysis: Analysis) -> Superseded | None:
        """Return the result that this one replaces; raises OutOfResources: then it is repeated."""
        return self.own.superseded(analysis)


def _not_looked_up(name: str, error: Exception) -> Reason:
    """Return why; of an unexpected error only that, for its text may quote a patient."""
    code = error.code if isinstance(error, ServiceError) else "prior_failed"
    why = error.text if isinstance(error, ServiceError) else "an unexpected error"
    return Reason(code, f"not looked up: {name}: {why}")
