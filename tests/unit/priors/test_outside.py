"""What a source may answer, and what is made of it: the real client against a server that lies."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from pydicom import Dataset

from service.errors import NotEligible, PeerError
from service.persistence.spool import Spool
from service.priors.outside import OutsideSource
from service.priors.source import Surroundings
from service.priors.sources.dicomweb import DicomwebOptions, DicomwebPeer
from tests.dicomweb_peer import (
    MULTIPART,
    Answer,
    Script,
    dicomweb_peer,
    multipart,
    part10,
    script_of,
)
from tests.films_of_patients import film
from tests.logs import logging_to
from tests.present_films import EARLIER, KEY, NOW, present


@pytest.fixture
def files(spool: Spool) -> Callable[[], list[Path]]:
    """The temporary files that are left."""
    inbox = spool.temporary_file().parent
    for path in inbox.iterdir():
        if path.name != "lock":
            path.unlink()
    return lambda: [path for path in inbox.iterdir() if path.name != "lock"]


def source(url: str, spool: Spool, **options: object) -> OutsideSource:
    given = DicomwebOptions.model_validate({"url": url, "timeout_seconds": 30} | options)
    peer = DicomwebPeer(given, Surroundings("THORAX", spool))
    return OutsideSource("archive", peer, KEY, given.timeout_seconds)


@pytest.fixture
def ask(spool: Spool) -> Iterator[Callable[..., object]]:
    """Ask a server that follows the script for the prior."""

    def asked(script: Script, header: Dataset = NOW, **options: object) -> object:
        with dicomweb_peer(script) as url:
            return source(url, spool, **options).prior(present(header))

    return asked


def test_a_film_that_is_what_was_promised_is_the_prior(
    ask: Callable[..., object], files: Callable[[], list[Path]]
) -> None:
    script = script_of(EARLIER)

    prior = ask(script)

    assert prior is not None
    assert prior.acquired == "20250101"
    assert prior.source == "archive"
    assert any("PatientID=P-1" in path for path in script.heard)
    assert files() == []


@pytest.mark.parametrize(
    ("retrieved", "claims"),
    [
        ({"PatientID": "P-2"}, {}),
        ({"PatientID": ""}, {}),
        ({"IssuerOfPatientID": "ELSEWHERE"}, {}),
        ({"AcquisitionDate": "20270101"}, {}),
        ({"AcquisitionDate": None, "ContentDate": None, "SeriesDate": None, "StudyDate": None}, {}),
        ({"ViewPosition": "AP"}, {}),
        ({"SOPInstanceUID": "1.2.3"}, {}),
        ({}, {"ViewPosition": "LL"}),
        ({}, {"AcquisitionDate": "20270101"}),
        ({}, {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}),
        ({}, {"SOPInstanceUID": "../../etc"}),
    ],
    ids=["patient", "nobody", "issuer", "date", "no date", "view", "instance", "view said",
         "date said", "class said", "no UID"],
)  # fmt: skip
def test_an_answer_that_is_not_what_was_asked_for_is_no_prior(
    ask: Callable[..., object],
    files: Callable[[], list[Path]],
    retrieved: dict[str, object],
    claims: dict[str, str],
) -> None:
    uids = {key: EARLIER[key].value for key in ("StudyInstanceUID", "SeriesInstanceUID",
                                                 "SOPInstanceUID")}  # fmt: skip
    dates = {"AcquisitionDate": "20250101", "StudyDate": "20250101"}
    answered = film(1, **(uids | dates | retrieved))

    assert ask(script_of(EARLIER, answered, **claims)) is None
    assert files() == []


def test_the_film_itself_is_not_its_own_prior(ask: Callable[..., object]) -> None:
    uid = {"SOPInstanceUID": NOW.SOPInstanceUID}
    same = film(1, AcquisitionDate="20250101", StudyDate="20250101", **uid)

    assert ask(script_of(same)) is None


def hostile(name: str) -> Script:
    """Return a script that answers well except in one place."""
    good = script_of(EARLIER)
    json_type = "application/dicom+json"
    return {
        "no JSON": replace(good, studies=lambda: (200, json_type, b"<html>")),
        "numbers for answers": replace(good, instances=lambda: (200, json_type, b"[1, 2]")),
        "refusal": replace(good, studies=lambda: (401, "text/plain", b"")),
        "server error": replace(good, retrieved=lambda: (500, "text/plain", b"")),
        "too much": replace(good, retrieved=lambda: (200, MULTIPART, multipart(b"x" * (3 << 20)))),
        "no part": replace(good, retrieved=lambda: (200, MULTIPART, b"nothing")),
        "redirect": replace(good, studies=lambda: (302, "text/plain", b"")),
    }[name]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("no JSON", "peer_nonsense"),
        ("numbers for answers", "peer_nonsense"),
        ("refusal", "peer_refused"),
        ("server error", "peer_refused"),
        ("too much", "answer_too_large"),
        ("no part", "peer_nonsense"),
        ("redirect", "peer_redirect"),
    ],
)
def test_a_source_that_makes_no_sense_is_named_and_leaves_nothing(
    ask: Callable[..., object], files: Callable[[], list[Path]], name: str, code: str
) -> None:
    with pytest.raises(PeerError) as raised:
        ask(hostile(name), maximum_mb=2)

    assert raised.value.code == code
    assert "P-1" not in raised.value.text
    assert files() == []


@pytest.mark.parametrize(
    "content", [b"", b"no DICOM at all", part10(EARLIER)[:5000], b"\0" * 4000], ids=len
)
def test_an_instance_that_cannot_be_read_is_no_prior(
    ask: Callable[..., object], files: Callable[[], list[Path]], content: bytes
) -> None:
    script = replace(script_of(EARLIER), retrieved=lambda: (200, MULTIPART, multipart(content)))

    assert ask(script) is None
    assert files() == []


def test_a_source_that_is_too_slow_is_named_and_not_waited_for(ask: Callable[..., object]) -> None:
    may_answer = threading.Event()
    good = script_of(EARLIER)

    def late() -> Answer:
        may_answer.wait(60)
        return good.studies()

    with pytest.raises(PeerError) as raised:
        ask(replace(good, studies=late), timeout_seconds=0.2)
    may_answer.set()

    assert raised.value.code == "peer_timeout"


def test_an_instance_that_is_gone_is_no_prior(ask: Callable[..., object]) -> None:
    assert ask(replace(script_of(EARLIER), retrieved=lambda: (404, "text/plain", b""))) is None


def test_a_single_part_answer_is_taken_too(ask: Callable[..., object]) -> None:
    content = part10(EARLIER)
    script = replace(script_of(EARLIER), retrieved=lambda: (200, "application/dicom", content))

    assert ask(script) is not None


def test_a_source_that_is_down_is_named_and_then_left_alone(spool: Spool) -> None:
    down = source("http://127.0.0.1:1/dicom-web", spool)

    codes = []
    for _ in range(2):
        with pytest.raises(PeerError) as raised:
            down.prior(present())
        codes.append(raised.value.code)

    assert codes == ["peer_unreachable", "source_resting"]


def test_an_id_with_wildcards_is_not_searched_for(ask: Callable[..., object]) -> None:
    script = script_of(EARLIER)

    with pytest.raises(NotEligible) as raised:
        ask(script, film(2, PatientID="P-*"))
    assert raised.value.code == "id_not_searchable"
    assert script.heard == []


def test_the_issuer_is_asked_for_when_there_is_one(ask: Callable[..., object]) -> None:
    script = script_of(EARLIER)

    ask(script, film(2, IssuerOfPatientID="HOSPITAL", StudyDate="20260101"))

    assert any("IssuerOfPatientID=HOSPITAL" in path for path in script.heard)


def test_nothing_that_is_logged_names_the_patient(spool: Spool) -> None:
    header = film(2, PatientID="SENTINEL-4711", StudyDate="20260101")
    with logging_to(StringIO()) as log:
        for name in ("no JSON", "refusal", "too much"):
            with dicomweb_peer(hostile(name)) as url, pytest.raises(PeerError):
                source(url, spool, maximum_mb=2).prior(present(header))
        with pytest.raises(PeerError):
            source("http://127.0.0.1:1/dicom-web", spool).prior(present(header))
        logged = log.getvalue()

    assert "SENTINEL" not in logged
