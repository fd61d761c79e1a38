"""CT-RATE: `train_fixed/train_1/train_1_a/train_1_a_1.nii.gz` and a table of metadata.

Also `valid_fixed`, and `train` and `valid` of the first release, whose headers hold neither spacing
nor rescale: there slope, intercept and spacing are taken from the table, and a volume without a row
is refused. In `*_fixed` the headers are right, and the table gives facts only. Tables are all
`*metadata*.csv` beside the folders or in `metadata`.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from training.ingest.image import read_image
from training.ingest.layout import LAYOUTS, Request
from training.ingest.refusal import Reason, Refused
from training.ingest.scan import (
    Acquisition,
    Candidate,
    Scan,
    age_band,
    known_sex,
    number,
    plain_text,
)

SOURCE = "CT-RATE, https://huggingface.co/datasets/ibrahimhamamci/CT-RATE"
VOLUME = re.compile(r"((?:train|valid)_\d+)_[a-z]+_\d+\.nii\.gz")
Row = Mapping[str, str]


@LAYOUTS.register("ct-rate")
def ct_rate(request: Request) -> Iterator[Candidate]:
    """Names are the collection's own; `train_1` is the patient of `train_1_a_1`."""
    rows = _rows(request.folder)
    for path in sorted(request.folder.rglob("*.nii.gz")):
        match = VOLUME.fullmatch(path.name)
        if match and path.parent.parent.name == match[1]:
            fixed = path.parents[2].name.endswith("_fixed")
            read = partial(_read, path, rows.get(path.name), fixed=fixed)
            name = path.name.removesuffix(".nii.gz").replace("_", "-")
            patient = match[1].replace("_", "-")
            yield Candidate(name, patient, (path,), SOURCE, "CC BY-NC-SA 4.0", read)


def _read(path: Path, row: Row | None, *, fixed: bool) -> Scan:
    scan = Scan(read_image(path), _facts(row or {}))
    if fixed:
        return scan
    if row is None:
        raise Refused(Reason.NO_METADATA, "no row for it in the table of metadata")
    try:
        slope, intercept = float(row["RescaleSlope"]), float(row["RescaleIntercept"])
        across, along = json.loads(row["XYSpacing"].replace("(", "[").replace(")", "]"))[:2]
        spacing = (float(along), float(across), float(row["ZSpacing"]))
    except (KeyError, ValueError, TypeError) as error:
        raise Refused(Reason.NO_METADATA, f"the row is not whole: {error}") from error
    image = scan.image * slope + intercept
    image.SetSpacing(spacing)
    return replace(scan, image=image, notes=("scale and spacing from the table of metadata",))


def _rows(folder: Path) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for table in sorted({*folder.glob("*metadata*.csv"), *folder.glob("metadata/*.csv")}):
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows |= {row["VolumeName"]: row for row in csv.DictReader(file) if "VolumeName" in row}
    return rows


def _facts(row: Row) -> Acquisition:
    return Acquisition(
        manufacturer=plain_text(row.get("Manufacturer")),
        model=plain_text(row.get("ManufacturerModelName")),
        contrast=False,
        sex=known_sex(row.get("PatientSex")),
        age_band=age_band(number(str(row.get("PatientAge") or "").rstrip("Yy").lstrip("0"))),
    )
