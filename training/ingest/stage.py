"""`ingest`: every source volume to one canonical, isotropic npz, with its origin and licence."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.ingest.nifti import read_nifti
from training.ingest.sources import Subject
from training.stage import Stage


def ingest(subjects: Sequence[Subject], folder: Path, spacing_mm: float) -> Stage:
    """Write `<subject>.npz` for every subject."""
    by_name = {subject.name: subject for subject in subjects}
    inputs = {name: _sha256(subject.image) for name, subject in by_name.items()}
    stage = Stage.open(folder, "ingest", {"spacing_mm": spacing_mm}, inputs)

    def make(name: str) -> dict[str, Any]:
        subject = by_name[name]
        volume = read_nifti(subject.image, subject.labels).resampled(spacing_mm)
        volume.save(folder / f"{name}.npz")
        return {
            "source": subject.source,
            "licence": subject.licence,
            "shape": volume.hu.shape,
            "labelled": volume.labels is not None,
        }

    stage.each(by_name, make)
    return stage


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
