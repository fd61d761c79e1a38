"""Read one CT series, with the segmentation that refers to it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pydicom
from pydicom.errors import InvalidDicomError

from training.ingest.dicom.facts import acquisition
from training.ingest.dicom.frames import Frame, frames_of, is_localizer
from training.ingest.dicom.index import CT_CLASSES
from training.ingest.dicom.segmentation import read_segmentation
from training.ingest.dicom.stacking import stack
from training.ingest.refusal import Reason, Refused
from training.ingest.scan import Scan


def read_series(files: Sequence[Path], segmentations: Sequence[Path] = ()) -> Scan:
    """Stack the slices in `files`; raises Refused."""
    datasets = [_read(path) for path in files]
    images = [dataset for dataset in datasets if not is_localizer(dataset)]
    if not images:
        raise Refused(Reason.LOCALIZER, "nothing but scout views")
    notes = _notes(datasets, images)
    frames: list[Frame] = [frame for dataset in images for frame in frames_of(dataset)]
    stacked = stack(frames)
    found = [read_segmentation(path) for path in segmentations]
    named = [labels for labels in found if labels is not None]
    if len(found) > len(named):
        notes.append("a segmentation names no structure of the table")
    labels = named[0] if named else None
    return Scan(
        image=stacked.image,
        acquisition=acquisition(images[0]),
        labels=labels,
        notes=(*notes, *stacked.notes, *(labels.notes if labels else ())),
    )


def _read(path: Path) -> Any:  # noqa: ANN401 - a pydicom dataset
    try:
        dataset = pydicom.dcmread(path, force=path.suffix != "")
    except InvalidDicomError as error:
        raise Refused(Reason.UNREADABLE, "no DICOM") from error
    except Exception as error:  # the edge to files of any content
        raise Refused(Reason.TRUNCATED, type(error).__name__) from error
    if dataset.get("SOPClassUID") not in CT_CLASSES:
        raise Refused(Reason.NOT_CT, "the SOP Class is none of CT")
    return dataset


def _notes(datasets: list[Any], images: list[Any]) -> list[str]:
    notes = []
    if len(images) < len(datasets):
        notes.append(f"{len(datasets) - len(images)} localizers left out")
    if any(image.get("PhotometricInterpretation") == "MONOCHROME1" for image in images):
        notes.append("MONOCHROME1 on CT: rescaled values taken as they are")
    if any("RescaleIntercept" not in image for image in images if "NumberOfFrames" not in image):
        notes.append("no rescale intercept in the header")
    return notes
