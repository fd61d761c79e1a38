"""Films that were analysed: by whom and when they were taken, as far as that may be kept."""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from service import __version__
from service.domain.film import Film
from service.domain.identifiers import JobId
from service.domain.job import Job
from service.persistence.mapping import job_of
from service.persistence.tables import FilmRow, JobRow


@dataclass(frozen=True, slots=True)
class AnalysedFilm:
    """A job that ended with a result, its film, and the software version that made it."""

    job: Job
    film: Film
    software: str


class FilmRepository:
    """The `films` table within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, job_id: JobId, film: Film) -> None:
        """Record the film of a job that has a result now, perhaps once more."""
        row = FilmRow(
            job_id=job_id,
            patient=film.patient,
            acquired=film.acquired,
            view=film.view,
            software=__version__,
        )
        self._session.merge(row)
        self._session.flush()

    def earlier(self, film: Film, sop_instance_uid: str, limit: int) -> tuple[AnalysedFilm, ...]:
        """Return up to `limit` analyses of films that may be a prior of `film`, newest film first.

        Of several analyses of one film the newest comes first. `sop_instance_uid` is `film`'s own,
        which is left out.
        """
        if film.patient is None or film.acquired is None:
            return ()
        found = (
            _analysed()
            .where(
                FilmRow.patient == film.patient,
                FilmRow.view == film.view,
                FilmRow.acquired < film.acquired,
                JobRow.sop_instance_uid != sop_instance_uid,
            )
            .order_by(FilmRow.acquired.desc(), JobRow.sop_instance_uid, JobRow.received_at.desc())
        )
        # What is not certainly earlier is of the same day, and so few.
        rows = self._session.execute(found.limit(2 * limit))
        others = (_film_of(film_row, job_row) for film_row, job_row in rows)
        return tuple(other for other in others if other.film.may_be_prior_of(film))[:limit]

    def of_instance(self, sop_instance_uid: str) -> tuple[AnalysedFilm, ...]:
        """Return the analyses of one SOP Instance that ended with a result, newest first."""
        found = _analysed().where(JobRow.sop_instance_uid == sop_instance_uid)
        newest_first = found.order_by(JobRow.repeat.desc(), JobRow.received_at.desc())
        return tuple(_film_of(film, job) for film, job in self._session.execute(newest_first))


def _analysed() -> Select[FilmRow, JobRow]:
    return select(FilmRow, JobRow).join(JobRow, JobRow.id == FilmRow.job_id)


def _film_of(film: FilmRow, job: JobRow) -> AnalysedFilm:
    return AnalysedFilm(job_of(job), Film(film.patient, film.acquired, film.view), film.software)
