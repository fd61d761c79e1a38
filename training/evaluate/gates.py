"""`gates`: how every gate of the service comes out for pictures, refused ones included."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from service.domain.image import SourceImage, ViewPosition
from service.domain.measurement import QualityCheck
from service.imaging.raster import read_raster
from service.imaging.read import read_header, read_image
from service.inference.manifest import read_package
from service.inference.session import Segmenter
from service.pipeline import examine

PICTURES = {".png", ".jpg", ".jpeg"}
MASKS = ".mask"


def gate_checks(
    package: Path, paths: Iterable[Path]
) -> Iterator[tuple[Path, tuple[QualityCheck, ...]]]:
    """Each picture of the files and folders with its checks; masks beside films are left out."""
    segmenter = Segmenter(read_package(package), ["CPUExecutionProvider"])
    for path in _files(paths):
        yield path, examine(picture(path), segmenter, {}).subject.checks


def picture(path: Path) -> SourceImage:
    """A DICOM file, or a PNG or JPEG of unknown view, as the service reads it."""
    if path.suffix.lower() in PICTURES:
        return read_raster(path, ViewPosition.UNKNOWN, None)[1]
    return read_image(path, read_header(path))


def as_line(check: QualityCheck) -> str:
    """One check as a line for people."""
    against = "" if check.threshold is None else f" (limit {check.threshold:g})"
    because = "" if check.reason is None else f": {check.reason}"
    return f"  {check.check:<16} {check.status:<8} {_text(check.value)}{against}{because}"


def _text(value: float | str | None) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value or "")


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        found = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        wanted = {".dcm", *PICTURES} if path.is_dir() else {each.suffix.lower() for each in found}
        yield from (
            each
            for each in found
            if each.suffix.lower() in wanted and not each.stem.endswith(MASKS)
        )
