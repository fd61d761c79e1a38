"""`ingest`: every source volume to one canonical, isotropic npz, with its origin and licence."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.ingest.nifti import read_nifti
from training.ingest.sources import Subject
from training.stage import Stage, hash_of


def ingest(subjects: Sequence[Subject], folder: Path, spacing_mm: float) -> Stage:
    """Write `<subject>.npz` for every subject."""
    by_name = {subject.name: subject for subject in subjects}
    files = {name: {"key": hash_of(subject.image)} for name, subject in by_name.items()}
    stage = Stage.open(folder, "ingest", {"spacing_mm": spacing_mm}, {}, files)

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
