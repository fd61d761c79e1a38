"""Which model packages lie in a folder; opens no graph, so that everybody may ask."""

from pathlib import Path

from service.inference.manifest import ModelPackage, read_package
from service.inference.weights import Precision


def find_packages(folder: Path, precision: Precision | None = None) -> tuple[ModelPackage, ...]:
    """Return every package below `folder`, verified, in order of name and version, newest last.

    precision: whose weights to use, see `read_package`.
    """
    folders = sorted(path.parent for path in folder.glob("*/*/manifest.yaml"))
    packages = [read_package(path, precision) for path in folders]
    return tuple(sorted(packages, key=_order))


def _order(package: ModelPackage) -> tuple[str, tuple[int, ...]]:
    manifest = package.manifest
    return manifest.name, tuple(int(part) for part in manifest.version.split("."))
