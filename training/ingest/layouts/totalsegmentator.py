"""The TotalSegmentator dataset: `s0001/ct.nii.gz`, `s0001/segmentations/*.nii.gz`, `meta.csv`.

One binary file a class. Files whose names are no class of v2 `total` (some of v1 were dropped) are
passed over. A class without a file was not looked for; one with an empty file is truly absent.
`meta.csv` is separated by semicolons and begins with a byte order mark.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813 - its usual name

from training.ingest.classes import ids_by_name
from training.ingest.image import read_image
from training.ingest.layout import LAYOUTS, Request
from training.ingest.refusal import Reason, Refused
from training.ingest.scan import (
    Acquisition,
    Candidate,
    Labels,
    Scan,
    age_band,
    known_sex,
    number,
    plain_text,
)
from training.ingest.single import read_labels

SOURCE = "TotalSegmentator dataset, doi:10.5281/zenodo.6802613"
ORIGIN = "TotalSegmentator dataset, one file a class"


@LAYOUTS.register("totalsegmentator")
def totalsegmentator(request: Request) -> Iterator[Candidate]:
    """Names are the collection's own."""
    facts = _facts(request.folder / "meta.csv")
    for image in sorted(request.folder.glob("s*/ct.nii.gz")):
        name = image.parent.name
        classes = _classes(image.parent / "segmentations")
        read = partial(_read, image, classes, facts.get(name, Acquisition()))
        yield Candidate(name, name, (image, *classes.values()), SOURCE, "CC BY 4.0", read)


def _classes(folder: Path) -> dict[int, Path]:
    """Id of a class -> its file."""
    paths = {name: folder / f"{name}.nii.gz" for name in ids_by_name()}
    return {ids_by_name()[name]: path for name, path in paths.items() if path.exists()}


def _read(image: Path, classes: Mapping[int, Path], facts: Acquisition) -> Scan:
    scan = Scan(read_image(image), facts)
    if not classes:
        return scan
    merged = np.zeros(scan.image.GetSize()[::-1], np.uint8)
    for number_, path in classes.items():
        mask = sitk.GetArrayViewFromImage(read_labels(path))
        if mask.shape != merged.shape:
            raise Refused(Reason.LABELS_DO_NOT_FIT, f"{path.name}: {mask.shape}, {merged.shape}")
        merged[mask > 0] = number_
    labels = sitk.GetImageFromArray(merged)
    labels.CopyInformation(scan.image)
    return replace(scan, labels=Labels(labels, ORIGIN, frozenset(classes)))


def _facts(table: Path) -> dict[str, Acquisition]:
    """What meta.csv says of each subject; nothing where it is missing."""
    if not table.exists():
        return {}
    with table.open(newline="", encoding="utf-8-sig") as file:
        return {row.get("image_id", ""): _row(row) for row in csv.DictReader(file, delimiter=";")}


def _row(row: Mapping[str, str]) -> Acquisition:
    return Acquisition(
        kilovolt_peak=number(row.get("kvp")),
        manufacturer=plain_text(row.get("manufacturer")),
        model=plain_text(row.get("scanner_model")),
        sex=known_sex(row.get("gender")),
        age_band=age_band(number(row.get("age"))),
    )
