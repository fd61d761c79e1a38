"""Which CT series and which segmentations lie anywhere below a folder."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydicom
from pydicom.errors import InvalidDicomError
from pydicom.uid import (
    CTImageStorage,
    EnhancedCTImageStorage,
    LegacyConvertedEnhancedCTImageStorage,
    SegmentationStorage,
)

CT_CLASSES = {CTImageStorage, EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage}
SUFFIXES = (".dcm", ".ima", ".dicom")
WANTED = [
    "SOPClassUID",
    "Modality",
    "PatientID",
    "SeriesInstanceUID",
    "StudyInstanceUID",
    "ReferencedSeriesSequence",
]


@dataclass(frozen=True, slots=True)
class Series:
    """The files of one CT series, and of the segmentations that refer to it."""

    uid: str
    patient_id: str
    files: tuple[Path, ...]
    segmentations: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """All CT series below a folder, and files called DICOM that are none."""

    series: tuple[Series, ...]
    unreadable: tuple[Path, ...]


def index(folder: Path) -> Index:
    """Read the headers of all files; other modalities and other files are passed over."""
    slices: dict[str, list[Path]] = defaultdict(list)
    patients: dict[str, str] = {}
    segmentations: dict[str, list[Path]] = defaultdict(list)
    unreadable = []
    for path in _files(folder):
        header = _header(path)
        if header is None:
            if path.suffix.lower() in SUFFIXES:
                unreadable.append(path)
        elif header.get("SOPClassUID") == SegmentationStorage:
            for referenced in header.get("ReferencedSeriesSequence", []):
                segmentations[str(referenced.get("SeriesInstanceUID"))].append(path)
        elif header.get("SOPClassUID") in CT_CLASSES or header.get("Modality") == "CT":
            uid = str(header.get("SeriesInstanceUID") or path.parent)
            slices[uid].append(path)
            patients[uid] = str(header.get("PatientID") or header.get("StudyInstanceUID") or uid)
    found = (
        Series(uid, patients[uid], tuple(files), tuple(segmentations[uid]))
        for uid, files in sorted(slices.items())
    )
    return Index(tuple(found), tuple(unreadable))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _header(path: Path) -> Any:  # noqa: ANN401 - a pydicom dataset
    """The wanted elements, or None for what is no DICOM; a missing preamble is forgiven."""
    try:
        return pydicom.dcmread(path, stop_before_pixels=True, specific_tags=WANTED)
    except InvalidDicomError:
        return _without_preamble(path)
    except Exception:  # noqa: BLE001 - the edge to files of any content: pydicom raises many kinds
        return None


def _without_preamble(path: Path) -> Any:  # noqa: ANN401
    if path.suffix.lower() not in SUFFIXES:
        return None
    try:
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=WANTED, force=True)
    except Exception:  # noqa: BLE001 - as above
        return None
    return header if "SOPClassUID" in header else None
