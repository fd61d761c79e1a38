"""Redis, PostgreSQL and Orthanc as real servers on free loopback ports."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.peers import require
from tests.processes import Running, answers, eventually, free_port, running

_J2K_ONLY = [f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 92, 93)]


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Run Redis without persistence and give its URL."""
    program, port = require("redis"), free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    with running(command, folder / "redis.log", ready=lambda: answers(port)):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Run a fresh PostgreSQL cluster and give the SQLAlchemy URL of its empty database `thorax`.

    PostgreSQL refuses to run as root, so root lends it the account that the package made.
    """
    binaries, port = require("postgresql"), free_port()
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="thorax-postgresql-"))
    if user:
        shutil.chown(folder, user)
    try:
        _create_cluster(binaries, folder, user)
        options = ["-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-F"]
        with running(
            [binaries / "postgres", "-D", folder / "data", *options],
            folder / "server.log",
            user=user,
            ready=lambda: _is_ready(binaries, port),
        ):
            url = f"postgresql://thorax@127.0.0.1:{port}"
            create = [binaries / "psql", f"{url}/postgres", "-qc", "create database thorax"]
            subprocess.run(create, check=True)
            yield f"{url.replace('postgresql', 'postgresql+psycopg', 1)}/thorax"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _create_cluster(binaries: Path, folder: Path, user: str | None) -> None:
    arguments = ["-D", folder / "data", "-U", "thorax", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(
        [binaries / "initdb", *arguments],
        check=True,
        user=user,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )


def _is_ready(binaries: Path, port: int) -> bool:
    asked = subprocess.run(
        [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
    )
    return asked.returncode == 0


@dataclass(frozen=True, slots=True)
class Orthanc:
    """A running Orthanc: a PACS with C-STORE, DICOMweb and a REST interface of its own."""

    dicom_port: int
    http_port: int
    process: Running
    ae_title: str = "TESTPACS"

    @property
    def url(self) -> str:
        """Return the base URL of the REST interface."""
        return f"http://127.0.0.1:{self.http_port}"

    def instances(self, **query: str) -> list[dict[str, Any]]:
        """Return the simplified tags of the matching instances (wildcards allowed)."""
        wanted = {"Level": "Instance", "Query": query, "Expand": True}
        found = httpx.post(f"{self.url}/tools/find", json=wanted, timeout=30.0)
        found.raise_for_status()
        return [{**self.tags(each["ID"]), "orthanc_id": each["ID"]} for each in found.json()]

    def tags(self, orthanc_id: str) -> dict[str, Any]:
        """Return one instance's simplified tags, sequences included."""
        answer = httpx.get(f"{self.url}/instances/{orthanc_id}/simplified-tags", timeout=30.0)
        tags: dict[str, Any] = answer.json()
        return tags

    def file(self, orthanc_id: str) -> bytes:
        """Return an instance as a Part 10 file."""
        return httpx.get(f"{self.url}/instances/{orthanc_id}/file", timeout=30.0).content

    def store(self, part10: bytes) -> None:
        """Put an instance in by REST."""
        httpx.post(f"{self.url}/instances", content=part10, timeout=30.0).raise_for_status()

    def wait_for(self, count: int, seconds: float, **query: str) -> list[dict[str, Any]]:
        """Return the matching instances as soon as there are at least `count`."""
        return eventually(
            lambda: found if len(found := self.instances(**query)) >= count else None,
            seconds,
            f"{count} instances with {query} in Orthanc",
        )


@contextmanager
def orthanc_server(folder: Path, *, takes_unknown_classes: bool = False) -> Iterator[Orthanc]:
    """Run the distribution's Orthanc on an empty store that takes what any AE title sends.

    Unless it takes unknown SOP classes, which it does not by itself, it refuses label maps.
    """
    program, dicomweb = require("orthanc"), require("orthanc-dicomweb")
    dicom_port, http_port = free_port(), free_port()
    configuration = folder / "orthanc.json"
    options = _orthanc_options(folder, dicom_port, http_port, dicomweb.parent)
    options |= {"UnknownSopClassAccepted": takes_unknown_classes}
    configuration.write_text(json.dumps(options))
    address = f"http://127.0.0.1:{http_port}/system"
    with running(
        [program, configuration], folder / "orthanc.log", ready=lambda: _responds(address)
    ) as process:
        yield Orthanc(dicom_port, http_port, process)


def _responds(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5.0).is_success
    except httpx.TransportError:
        return False


def _orthanc_options(
    folder: Path, dicom_port: int, http_port: int, plugins: Path
) -> dict[str, object]:
    names = ("libOrthancDicomWeb.so", "libOrthancGdcm.so")
    return {
        "Name": "TestPACS",
        "StorageDirectory": str(folder / "store"),
        "IndexDirectory": str(folder / "store"),
        "Plugins": [str(plugins / name) for name in names if (plugins / name).exists()],
        "HttpBindAddresses": ["127.0.0.1"],
        "HttpPort": http_port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomAet": "TESTPACS",
        "DicomPort": dicom_port,
        "DicomCheckCalledAet": False,
        "DicomAlwaysAllowEcho": True,
        "DicomAlwaysAllowStore": True,
        "OverwriteInstances": True,
        "StableAge": 1,
        "DefaultEncoding": "Latin1",
        "DicomWeb": {
            "Enable": True,
            "Root": "/dicom-web/",
            "EnableWado": True,
            "WadoRoot": "/wado",
        },
        # GDCM aborts the whole process on a segmentation without ImageOrientationPatient.
        "Gdcm": {"Enable": True, "RestrictTransferSyntaxes": _J2K_ONLY},
    }
