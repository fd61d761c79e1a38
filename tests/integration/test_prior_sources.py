"""Priors at a real archive: by QIDO-RS and WADO-RS, by C-FIND with C-GET, and with C-MOVE."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from pydicom import Dataset

from service import analysing
from service.domain.analysis import Analysis
from service.encoders.result_json import done_document
from tests.films_of_patients import Line, film, line
from tests.processes import free_port
from tests.servers import Orthanc, orthanc_server

pytestmark = [pytest.mark.peer, pytest.mark.slow]

MOVE_AE_TITLE = "THORAX-PRIOR"
KINDS = ("dicomweb", "get", "move")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """An archive that answers whoever calls from the AE title THORAX."""
    with orthanc_server(tmp_path_factory.mktemp("orthanc")) as server:
        may = {"AllowFind": True, "AllowGet": True, "AllowMove": True}
        introduce(server, "asks", {"AET": "THORAX", "Host": "127.0.0.1", "Port": 104, **may})
        yield server


def introduce(server: Orthanc, name: str, modality: dict[str, object]) -> None:
    """Make an application entity known to the archive."""
    httpx.put(f"{server.url}/modalities/{name}", json=modality).raise_for_status()


@pytest.fixture(scope="module")
def move_port(archive: Orthanc) -> int:
    """A port that the archive knows under our AE title for C-MOVE."""
    port = free_port()
    introduce(archive, "prior", {"AET": MOVE_AE_TITLE, "Host": "127.0.0.1", "Port": port})
    return port


def source(kind: str, archive: Orthanc, move_port: int, **options: object) -> dict[str, Any]:
    """Return the archive as a source named `archive`."""
    if kind == "dicomweb":
        given: dict[str, object] = {"url": f"{archive.url}/dicom-web"}
        return {"name": "archive", "kind": "dicomweb", "options": given | options}
    given = {"host": "127.0.0.1", "port": archive.dicom_port, "ae_title": "TESTPACS"}
    if kind == "move":
        given |= {"retrieve": "move", "move_ae_title": MOVE_AE_TITLE, "move_port": move_port}
    return {"name": "archive", "kind": "dimse", "options": given | options}


@pytest.fixture(scope="module", params=KINDS)
def service(
    request: pytest.FixtureRequest,
    archive: Orthanc,
    move_port: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Line]:
    home = tmp_path_factory.mktemp(request.param) / "home"
    sources = [source(request.param, archive, move_port, timeout_seconds=30)]
    with line(home, prior_sources=sources) as opened:
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


def keep(archive: Orthanc, *films: Dataset) -> None:
    for each in films:
        buffer = BytesIO()
        each.save_as(buffer, enforce_file_format=True)
        archive.store(buffer.getvalue())


def jobs_of(service: Line) -> int:
    with service.services.database.reading() as unit:
        return len(unit.jobs.page(None, 100, None))


def test_the_newest_earlier_film_is_found_fetched_and_measured(
    service: Line, archive: Orthanc, analyses: list[Analysis], request: pytest.FixtureRequest
) -> None:
    patient = f"FOUND-{request.node.callspec.id}"
    older = film(1, PatientID=patient, AcquisitionDate="20240101", StudyDate="20240101")
    newer = film(3, PatientID=patient, AcquisitionDate="20250101", StudyDate="20250101")
    lateral = film(3, PatientID=patient, AcquisitionDate="20250601", StudyDate="20250601",
                   ViewPosition="LL")  # fmt: skip
    keep(archive, older, newer, lateral)
    before = jobs_of(service)

    service.analyse(film(2, PatientID=patient, StudyDate="20260101"))

    analysis = analyses[-1]
    assert analysis.prior_reason is None
    assert analysis.prior is not None
    assert (analysis.prior.source, analysis.prior.acquired) == ("archive", "20250101")
    assert analysis.prior.reference.sop_instance_uid == newer.SOPInstanceUID
    assert "cardiothoracic_ratio" in {change.key for change in analysis.changes}
    assert jobs_of(service) == before + 1, "the prior is no job"
    inbox = service.services.settings.home / "inbox"
    assert [path for path in inbox.glob("tmp/*/*") if path.name != "lock"] == []
