"""A prior from a configured source: searched, fetched, checked in its own header, measured.

The fetched instance is a temporary file for as long as it is measured. It is no job: nobody asked
for its results, its archive has it already, and a job would be delivered.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydicom import Dataset

from service.domain.prior import Prior
from service.errors import NotEligible, PeerError, RejectedInstance, ServiceError
from service.imaging.orientation import view_position
from service.imaging.read import read_header, reference_of
from service.priors.history import MeasuredFilm, Present
from service.priors.identity import contradicts, film_of
from service.priors.patience import Breaker, Deadline, within
from service.priors.question import Candidate, Question, question_of
from service.priors.results import measured_values
from service.priors.source import Peer, Session

FETCHED_FILMS = 4
"""How many candidates are fetched at most: answers may be wrong, but not for ever."""


@dataclass(frozen=True, slots=True)
class OutsideSource:
    """A source by the name that results give it. `key` hashes patients."""

    name: str
    peer: Peer
    key: bytes
    timeout_seconds: float
    breaker: Breaker = field(default_factory=Breaker)

    def prior(self, present: Present) -> Prior | None:
        """Return the newest earlier film that the source holds, measured now; None if none.

        Raises PeerError when the source is away, slow or makes no sense.
        """
        question, deadline = question_of(present), Deadline(self.timeout_seconds)
        with self.breaker.trying():
            path = within(deadline, lambda: self._fetched(question, present, deadline), _discard)
        if path is None:
            return None
        try:
            return self._made(present.measure(path, lambda _: None), present)
        except (NotEligible, RejectedInstance):
            return None
        finally:
            _discard(path)

    def _fetched(self, question: Question, present: Present, deadline: Deadline) -> Path | None:
        """Return the newest film that its own header says is a prior."""
        try:
            with self.peer.session(deadline) as session:
                files = _files(session, question, deadline)
                return next((path for path, each in files if self._is(path, each, present)), None)
        except ServiceError:
            raise
        except Exception as error:
            text = "the source answered what makes no sense"
            raise PeerError(text, code="peer_nonsense") from error

    def _is(self, path: Path, candidate: Candidate, present: Present) -> bool:
        """Return whether the file is the instance asked for and a prior; delete it if not."""
        try:
            self._check(read_header(path), candidate, present)
        except (NotEligible, RejectedInstance):
            _discard(path)
            return False
        return True

    def _check(self, header: Dataset, candidate: Candidate, present: Present) -> None:
        film = film_of(header, view_position(header), self.key)
        if reference_of(header).sop_instance_uid != candidate.sop_instance_uid:
            raise NotEligible("another instance than was asked for", code="not_the_prior")
        if not film.may_be_prior_of(present.film) or contradicts(header, present.header):
            raise NotEligible("not an earlier film of this patient and view", code="not_the_prior")

    def _made(self, measured: MeasuredFilm, present: Present) -> Prior:
        analysis = measured.analysis
        film = film_of(measured.header, analysis.image.view, self.key)
        return Prior(
            reference=analysis.image.reference,
            acquired=film.date,
            view=analysis.image.view,
            source=self.name,
            model=analysis.model,
            measurements=measured_values(analysis, present.analysis.measurements),
            spacing=analysis.image.spacing.provenance,
        )


def _files(
    session: Session, question: Question, deadline: Deadline
) -> Iterator[tuple[Path, Candidate]]:
    for count, candidate in enumerate(session.search(question)):
        deadline.check()
        if count == FETCHED_FILMS:
            return
        path = session.fetch(candidate)
        if path is not None:
            yield path, candidate


def _discard(path: Path | None) -> None:
    if path is not None:
        path.unlink(missing_ok=True)
