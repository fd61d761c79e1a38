"""RSNA-STR Pulmonary Embolism CT (RSPECT): `train/<study>/<series>/<image>.dcm` and `train.csv`.

The folder given is the one that holds `train` or is it. Of the table only the quality of an
examination is read: `qa_motion` becomes a note. Every study is CT angiography, so contrast is a
fact even where the header is silent.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from training.ingest.dicom.series import read_series
from training.ingest.layout import LAYOUTS, Request
from training.ingest.scan import Candidate, Scan

SOURCE = "RSNA-STR Pulmonary Embolism CT (RSPECT), RSNA 2020, doi:10.1148/ryai.2021200254"
LICENCE = "RSNA terms: non-commercial use only"
MOTION = "qa_motion"


@LAYOUTS.register("rsna-pulmonary-embolism")
def rsna_pulmonary_embolism(request: Request) -> Iterator[Candidate]:
    """One volume a series; the folder names are UIDs and become pseudonyms."""
    images = request.folder / "train" if (request.folder / "train").is_dir() else request.folder
    moved = _moved(images.parent / "train.csv", request.folder / "train.csv")
    for folder in sorted(path for path in images.glob("*/*") if path.is_dir()):
        files = tuple(sorted(folder.glob("*.dcm")))
        study = folder.parent.name
        patient = request.pseudonyms.patient(study)
        name = f"{patient}-{request.pseudonyms.series(folder.name)}"
        read = partial(_read, files, is_moved=study in moved)
        yield Candidate(name, patient, files, SOURCE, LICENCE, read)


def _read(files: tuple[Path, ...], *, is_moved: bool) -> Scan:
    scan = read_series(files)
    notes = (*scan.notes, "motion artefact (train.csv)") if is_moved else scan.notes
    return replace(scan, acquisition=replace(scan.acquisition, contrast=True), notes=notes)


def _moved(*tables: Path) -> frozenset[str]:
    """Studies with motion, from the first table that exists."""
    table = next((path for path in tables if path.exists()), None)
    if table is None:
        return frozenset()
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        return frozenset(row["StudyInstanceUID"] for row in rows if row.get(MOTION) == "1")
