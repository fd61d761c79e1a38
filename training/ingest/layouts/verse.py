"""VerSe 2019 and 2020 by subject: `rawdata/sub-X/*_ct.nii.gz`, `derivatives/sub-X/*_msk.nii.gz`.

Both folders lie below `training`, `validation` and `test` or at the top. Labels 1-7 are C1 to C7,
8-19 T1 to T12, 20-24 L1 to L5; 25 (L6) and 28 (T13) have no class in v2 `total` and are left out.
Only vertebrae were looked for, and only those that are whole: the centroids beside say which.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813 - its usual name

from training.ingest.classes import vertebra_id
from training.ingest.image import read_image
from training.ingest.layout import LAYOUTS, Request
from training.ingest.refusal import Reason, Refused
from training.ingest.scan import Candidate, Labels, Scan
from training.ingest.single import read_labels

SOURCE = "VerSe, https://osf.io/923ap, https://osf.io/4skx2"
ORIGIN = "VerSe, by people with a machine's help"
MASK, CENTROIDS = "_seg-vert_msk.nii.gz", "_seg-subreg_ctd.json"


@LAYOUTS.register("verse")
def verse(request: Request) -> Iterator[Candidate]:
    """Names are the collection's own; all series of a subject are one patient's."""
    for image in sorted(request.folder.rglob("rawdata/sub-*/*_ct.nii.gz")):
        stem = image.name.removesuffix("_ct.nii.gz")
        patient = image.parent.name.removeprefix("sub-")
        beside = image.parents[2] / "derivatives" / image.parent.name
        mask, centroids = beside / f"{stem}{MASK}", beside / f"{stem}{CENTROIDS}"
        files = tuple(path for path in (image, mask, centroids) if path.exists())
        read = partial(_read, image, mask, centroids)
        name = stem.removeprefix("sub-")
        yield Candidate(name, patient, files, SOURCE, "CC BY-SA 4.0", read)


def _read(image: Path, mask: Path, centroids: Path) -> Scan:
    scan = Scan(read_image(image))
    if not mask.exists():
        return scan
    labels = read_labels(mask)
    values = sitk.GetArrayFromImage(labels).astype(int)
    table = np.array([vertebra_id(place) or 0 for place in range(values.max() + 1)], np.uint8)
    present = {int(place) for place in np.unique(values) if place}
    named = present if not centroids.exists() else present & _places(centroids)
    table[[place for place in present if place not in named]] = 0
    found = sitk.GetImageFromArray(table[values])
    found.CopyInformation(labels)
    ids = {number for place in named if (number := vertebra_id(place)) is not None}
    beyond = sorted(place for place in present if vertebra_id(place) is None)
    notes = (f"vertebrae without a class: {beyond}",) if beyond else ()
    if not ids:
        return replace(scan, notes=("no whole vertebra is labelled", *notes))
    return replace(scan, labels=Labels(found, ORIGIN, frozenset(ids)), notes=(*scan.notes, *notes))


def _places(path: Path) -> set[int]:
    """The labels that have a centroid; the first entry of the list is the orientation."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {int(entry["label"]) for entry in entries if "label" in entry}
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(Reason.LABELS_UNREADABLE, f"centroids: {type(error).__name__}") from error
