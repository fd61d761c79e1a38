"""Priors among our own results and superseded results, through the whole line and the real model.

Each test has patients of its own in one service.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from service import analysing
from service.domain.analysis import Analysis
from service.domain.identifiers import JobId
from service.encoders.result_json import done_document
from tests.films_of_patients import Line, film, line

pytestmark = pytest.mark.slow
OTHER_MODEL = "cd" * 32
SR = "1.2.840.10008.5.1.4.1.1.88.33"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with line(tmp_path_factory.mktemp("priors") / "home") as opened:
        yield opened


@pytest.fixture(autouse=True)
def analyses(monkeypatch: pytest.MonkeyPatch) -> list[Analysis]:
    """What the encoders were given, in order."""
    seen: list[Analysis] = []

    def noticing(analysis: Analysis, *others: object) -> object:
        seen.append(analysis)
        return done_document(analysis, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(analysing, "done_document", noticing)
    return seen


def rows(service: Line, statement: str, *values: object) -> list[tuple[object, ...]]:
    path = service.services.settings.home / "thorax.db"
    with sqlite3.connect(path) as connection:
        return connection.execute(statement, values).fetchall()


def pretend_other_model(service: Line, job_id: JobId) -> None:
    """Write down that other weights made the result of this job."""
    rows(service, "UPDATE jobs SET model_sha256 = ? WHERE id = ?", OTHER_MODEL, job_id)


def earlier_and_later(patient: str, **keywords: object) -> tuple[Dataset, Dataset]:
    """Return two different films of one patient; keywords go into the later one."""
    earlier = film(1, PatientID=patient, AcquisitionDate="20250101")
    return earlier, film(2, PatientID=patient, **keywords)


def test_a_film_is_compared_with_the_newest_earlier_one(
    service: Line, analyses: list[Analysis]
) -> None:
    for year in ("2024", "2025", "2023"):
        service.analyse(film(1, PatientID="A", AcquisitionDate=f"{year}0101"))
    service.analyse(film(2, PatientID="A"))

    prior = analyses[-1].prior
    before, now = analyses[1], analyses[-1]
    assert prior is not None
    assert (prior.acquired, prior.source) == ("20250101", "database")
    assert prior.reference == before.image.reference
    ratio = next(each for each in now.changes if each.key == "cardiothoracic_ratio")
    first, last = before.measurement("cardiothoracic_ratio"), now.measurement(ratio.key)
    assert first is not None
    assert last is not None
    assert first.value == pytest.approx(ratio.before, abs=5e-5), "four decimals are kept"
    assert last.value == ratio.now
    assert ratio.difference == ratio.now - ratio.before
    assert ratio.threshold is not None, "both films say how well the value repeats"
    assert ratio.relation is not None


@pytest.mark.parametrize(
    ("patient", "later"),
    [
        ("B1", {"IssuerOfPatientID": "ANOTHER HOSPITAL"}),
        ("B2", {"ViewPosition": "AP"}),
        ("B3", {"AcquisitionDate": "20240101"}),
        ("B4", {"PatientBirthDate": "19500101"}),
    ],
    ids=["issuer", "view", "taken earlier, sent later", "birth date"],
)
def test_what_is_not_certainly_an_earlier_film_of_the_same_patient_and_view_is_no_prior(
    service: Line, analyses: list[Analysis], patient: str, later: dict[str, object]
) -> None:
    born = {"PatientBirthDate": "19400101"} if "PatientBirthDate" in later else {}
    keywords = {"PatientID": patient, **later}
    service.analyse(film(1, PatientID=patient, AcquisitionDate="20250101", **born))
    service.analyse(film(2, **keywords))

    assert analyses[-1].prior is None
    assert analyses[-1].prior_reason is not None
    assert analyses[-1].prior_reason.code == "none_found"


def test_a_film_of_nobody_has_no_prior(service: Line, analyses: list[Analysis]) -> None:
    service.analyse(film(1, PatientID="", AcquisitionDate="20250101"))
    service.analyse(film(2, PatientID=""))

    assert analyses[-1].prior_reason is not None
    assert analyses[-1].prior_reason.code == "no_patient"


def test_a_prior_of_another_model_is_measured_again_and_is_the_same(
    service: Line, analyses: list[Analysis]
) -> None:
    earlier, later = earlier_and_later("C")
    first = service.send(earlier)
    service.run(first)
    as_read = service.send(later)
    service.run(as_read)
    pretend_other_model(service, first)
    service.run(service.services.reanalysis.again(as_read).job_id)

    read, measured = analyses[-2].prior, analyses[-1].prior
    assert read is not None
    assert measured == read


def test_a_prior_of_another_model_whose_film_is_gone_is_none(
    service: Line, analyses: list[Analysis]
) -> None:
    earlier, later = earlier_and_later("D")
    first = service.send(earlier)
    service.run(first)
    pretend_other_model(service, first)
    service.services.spool.instance_path(service.job(first)).unlink()
    service.analyse(later)

    assert analyses[-1].prior is None


def test_a_prior_whose_film_is_gone_is_still_read_from_its_result(
    service: Line, analyses: list[Analysis]
) -> None:
    earlier, later = earlier_and_later("E")
    first = service.send(earlier)
    service.run(first)
    service.services.spool.instance_path(service.job(first)).unlink()
    service.analyse(later)

    assert analyses[-1].prior is not None


def test_same_input_model_and_prior_give_the_same_bytes_and_another_prior_gives_others(
    service: Line, tmp_path: Path
) -> None:
    earlier, later = earlier_and_later("F")
    service.analyse(earlier)
    here = service.send(later)
    service.run(here)
    with line(tmp_path / "home") as elsewhere:
        alone = elsewhere.send(later)
        elsewhere.run(alone)
        elsewhere.analyse(earlier)  # arrives too late for that one
        again = elsewhere.services.reanalysis.again(alone).job_id
        elsewhere.run(again)

        assert elsewhere.objects(again) == service.objects(here)
        assert elsewhere.objects(alone).keys() == service.objects(here).keys()
        without, compared = (
            {each["kind"]: each["sop_instance_uid"] for each in of_line.result(job)["objects"]}
            for of_line, job in ((elsewhere, alone), (service, here))
        )
        assert {kind for kind in without if without[kind] == compared[kind]} == {"seg"}


def test_the_database_names_no_patient(service: Line) -> None:
    patient, issuer = "SENTINEL-4711", "SENTINEL-ISSUER"
    service.analyse(film(1, PatientID=patient, IssuerOfPatientID=issuer, PatientName="SENTINEL"))
    home = service.services.settings.home

    kept = b"".join(path.read_bytes() for path in home.glob("thorax.db*"))

    assert b"SENTINEL" not in kept
    assert rows(service, "SELECT count(*) FROM films WHERE length(patient) = 64") != [(0,)]


def test_without_priors_nothing_is_looked_up(tmp_path: Path, analyses: list[Analysis]) -> None:
    with line(tmp_path / "home", priors=False) as service:
        for each in earlier_and_later("G"):
            service.analyse(each)

    assert (analyses[-1].prior, analyses[-1].prior_reason) == (None, None)


def test_a_second_analysis_by_the_same_model_is_the_same_to_the_byte(service: Line) -> None:
    first = service.send(film(1, PatientID="H"))
    service.run(first)
    second = service.services.reanalysis.again(first).job_id
    service.run(second)

    assert second != first
    assert service.objects(second) == service.objects(first)


def test_a_result_of_another_model_is_superseded_and_named(
    service: Line, analyses: list[Analysis]
) -> None:
    first = service.send(film(1, PatientID="I"))
    old = service.run(first)
    pretend_other_model(service, first)
    second = service.services.reanalysis.again(first).job_id
    new = service.run(second)

    superseded = analyses[-1].superseded
    assert superseded is not None
    assert superseded.model.sha256 == OTHER_MODEL
    (report,) = superseded.of_class(SR)
    uids = {each["kind"]: each["sop_instance_uid"] for each in old["objects"]}
    assert report.sop_instance_uid == uids["sr"]
    assert {each["sop_instance_uid"] for each in new["objects"]}.isdisjoint(uids.values())
    written = dcmread(service.folder(second) / "sr.dcm")
    (study,) = written.PredecessorDocumentsSequence
    (predecessor,) = study.ReferencedSeriesSequence[0].ReferencedSOPSequence
    assert predecessor.ReferencedSOPInstanceUID == uids["sr"]
    third = service.services.reanalysis.again(second).job_id
    service.run(third)
    assert service.objects(third) == service.objects(second), "also what it supersedes is the same"
