"""How the analysis of one file ended."""

from dataclasses import dataclass

from service.domain.analysis import EncodedObject, Reason
from service.domain.film import Film
from service.domain.identifiers import InstanceReference
from service.domain.job import JobState
from service.domain.model import ModelIdentity


@dataclass(frozen=True, slots=True)
class Outcome:
    """DONE with its objects, or SKIPPED or REJECTED with the reason.

    reference is None when not even the identifiers could be read. film: what a result is found by
    as a prior; None when there is no result, or when nobody asked.
    """

    state: JobState
    reason: Reason | None
    reference: InstanceReference | None
    model: ModelIdentity | None
    objects: tuple[EncodedObject, ...]
    film: Film | None = None
