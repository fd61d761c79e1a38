"""Priors at DCMTK's archive, which does less than is asked: it knows no view and no acquisition."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.errors import PeerError
from service.persistence.spool import Spool
from service.priors.outside import OutsideSource
from service.priors.source import Surroundings
from service.priors.sources.dimse import DimseOptions, DimsePeer
from tests.films_of_patients import film
from tests.peers import require
from tests.present_films import EARLIER, KEY, present
from tests.processes import answers, free_port, running

pytestmark = pytest.mark.peer
AE_TITLE, MOVE_AE_TITLE = "QRSCP", "THORAX-PRIOR"


@dataclass(frozen=True)
class Archive:
    port: int
    move_port: int
    database: Path

    def keep(self, *paths: Path) -> None:
        """Enter the files into the index, where they lie."""
        subprocess.run([require("dcmqridx"), self.database, *paths], check=True)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    folder = tmp_path / "archive"
    database = folder / "database"
    database.mkdir(parents=True)
    served = Archive(free_port(), free_port(), database)
    configuration = folder / "dcmqrscp.cfg"
    configuration.write_text(f"""
NetworkTCPPort  = {served.port}
MaxPDUSize      = 16384
MaxAssociations = 16
HostTable BEGIN
prior = ({MOVE_AE_TITLE}, 127.0.0.1, {served.move_port})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
{AE_TITLE} {database} RW (200, 1024mb) ANY
AETable END
""")
    command = [require("dcmqrscp"), "-c", configuration, "--single-process"]
    with running(command, folder / "log", ready=lambda: answers(served.port)):
        yield served


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "home")
    yield opened
    opened.close()


def source(archive: Archive, spool: Spool, retrieve: str, ae_title: str) -> OutsideSource:
    given: dict[str, object] = {
        "host": "127.0.0.1",
        "port": archive.port,
        "ae_title": ae_title,
        "retrieve": retrieve,
        "move_ae_title": MOVE_AE_TITLE,
        "move_port": archive.move_port,
        "timeout_seconds": 30,
    }
    options = DimseOptions.model_validate(given)
    return OutsideSource("qr", DimsePeer(options, Surroundings("THORAX", spool)), KEY, 30)


@pytest.mark.parametrize("retrieve", ["get", "move"])
def test_the_film_is_found_and_fetched(
    archive: Archive, spool: Spool, tmp_path: Path, retrieve: str
) -> None:
    others = [  # dcmqrscp sends nothing compressed, as the third sample is
        EARLIER,
        film(1, PatientID="P-2", AcquisitionDate="20250301", StudyDate="20250301"),
        film(1, ViewPosition="LL", AcquisitionDate="20250401", StudyDate="20250401"),
        film(1, AcquisitionDate="20270101", StudyDate="20250501"),
    ]
    paths = [tmp_path / f"{number}.dcm" for number in range(len(others))]
    for each, path in zip(others, paths, strict=True):
        each.save_as(path, enforce_file_format=True)
    archive.keep(*paths)

    prior = source(archive, spool, retrieve, AE_TITLE).prior(present())

    assert prior is not None
    assert prior.reference.sop_instance_uid == EARLIER.SOPInstanceUID


def test_an_archive_that_does_not_know_the_called_title_is_named(
    archive: Archive, spool: Spool
) -> None:
    with pytest.raises(PeerError) as raised:
        source(archive, spool, "get", "SOMEBODY").prior(present())

    assert raised.value.code in ("peer_unreachable", "peer_refused")
