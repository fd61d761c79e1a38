from datetime import timedelta

import pytest

from service import __version__
from service.domain.film import Film
from service.domain.identifiers import JobId, new_job_id
from service.domain.image import ViewPosition
from service.persistence.session import Database
from service.persistence.spool import Spool
from tests.fakes import START, receive

PA = ViewPosition.POSTERO_ANTERIOR
PATIENT = "ab" * 32
NOW = Film(PATIENT, "20260101120000", PA)
OWN = "1.2.3.99"


@pytest.fixture
def add(database: Database, spool: Spool) -> "Add":
    return Add(database, spool)


class Add:
    """Records analysed films: a job each, with the film."""

    def __init__(self, database: Database, spool: Spool) -> None:
        self._database = database
        self._spool = spool
        self._count = 0

    def __call__(self, film: Film, sop_instance_uid: str | None = None) -> JobId:
        self._count += 1
        job_id = new_job_id()
        received = receive(
            self._spool,
            sop_instance_uid or f"1.2.3.{self._count}",
            f"{self._count}".encode(),
            START + timedelta(seconds=self._count),
        )
        with self._database.unit() as unit:
            unit.jobs.add(job_id, received)
            unit.films.add(job_id, film)
        return job_id


def earlier(database: Database, film: Film = NOW, limit: int = 5) -> list[JobId]:
    with database.reading() as unit:
        return [each.job.id for each in unit.films.earlier(film, OWN, limit)]


def test_earlier_films_come_newest_first(database: Database, add: Add) -> None:
    old, new, middle = (add(Film(PATIENT, f"{year}0101", PA)) for year in ("2020", "2025", "2023"))

    assert earlier(database) == [new, middle, old]
    assert earlier(database, limit=1) == [new]


@pytest.mark.parametrize(
    "other",
    [
        Film("cd" * 32, "20250101", PA),
        Film(None, "20250101", PA),
        Film(PATIENT, None, PA),
        Film(PATIENT, "20250101", ViewPosition.ANTERO_POSTERIOR),
        Film(PATIENT, "20260101120000", PA),
        Film(PATIENT, "20260101", PA),
        Film(PATIENT, "20270101", PA),
    ],
    ids=["patient", "nobody", "no date", "view", "same moment", "same day", "later"],
)
def test_others_are_not_found(database: Database, add: Add, other: Film) -> None:
    add(other)

    assert earlier(database) == []


def test_the_film_itself_is_not_its_prior_whatever_its_date(database: Database, add: Add) -> None:
    add(Film(PATIENT, "20250101", PA), OWN)

    assert earlier(database) == []


@pytest.mark.parametrize("film", [Film(None, "20260101", PA), Film(PATIENT, None, PA)])
def test_who_has_no_name_or_no_date_has_no_earlier_film(
    database: Database, add: Add, film: Film
) -> None:
    add(Film(PATIENT, "20250101", PA))
    add(Film(None, "20250101", PA))

    assert earlier(database, film) == []


def test_of_one_film_the_newest_analysis_comes_first(database: Database, add: Add) -> None:
    film = Film(PATIENT, "20250101", PA)
    first, second = add(film, "1.2.3.7"), add(film, "1.2.3.7")

    assert earlier(database) == [second, first]


def test_a_film_may_be_recorded_once_more(database: Database, add: Add) -> None:
    job_id = add(NOW, OWN)
    again = Film(PATIENT, "20260101120000", ViewPosition.ANTERO_POSTERIOR)

    with database.unit() as unit:
        unit.films.add(job_id, again)

    with database.reading() as unit:
        (found,) = unit.films.of_instance(OWN)
    assert found.film == again


def test_the_version_that_made_a_result_is_kept(database: Database, add: Add) -> None:
    job_id = add(NOW, OWN)

    with database.reading() as unit:
        (found,) = unit.films.of_instance(OWN)
    assert (found.job.id, found.film, found.software) == (job_id, NOW, __version__)
