"""Candidates whose volume is one file, with at most one label map beside it."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from training.ingest.image import read_image
from training.ingest.refusal import Reason, Refused
from training.ingest.scan import Acquisition, Candidate, Labels, Scan

ORIGIN = "label map beside the volume, TotalSegmentator v2 ids"
EXTENT_SLACK = 0.02


def single_candidate(
    name: str, image: Path, labels: Path | None, source: str, licence: str
) -> Candidate:
    """A volume in one file; its name is also its patient's."""
    files = (image,) if labels is None else (image, labels)
    return Candidate(name, name, files, source, licence, partial(read_single, image, labels))


def read_single(image: Path, labels: Path | None, facts: Acquisition = Acquisition()) -> Scan:  # noqa: B008 - frozen
    """Read both; raises Refused, also for labels that were made for another volume."""
    scan = Scan(read_image(image), facts)
    if labels is None:
        return scan
    found = read_labels(labels)
    sizes = [i.GetSize() for i in (scan.image, found)]
    extents = [[n * s for n, s in zip(i.GetSize(), i.GetSpacing(), strict=True)]
               for i in (scan.image, found)]  # fmt: skip
    pairs = zip(sorted(extents[0]), sorted(extents[1]), strict=True)
    if any(abs(a - b) > EXTENT_SLACK * a for a, b in pairs):
        raise Refused(Reason.LABELS_DO_NOT_FIT, f"labels {sizes[1]}, volume {sizes[0]}")
    return replace(scan, labels=Labels(found, ORIGIN))


def read_labels(path: Path) -> Any:  # noqa: ANN401 - SimpleITK has no types
    """A label map; what is wrong with it is named as such."""
    try:
        return read_image(path)
    except Refused as error:
        raise Refused(Reason.LABELS_UNREADABLE, str(error)) from error
