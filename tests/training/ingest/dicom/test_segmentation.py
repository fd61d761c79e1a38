"""A DICOM segmentation beside a series becomes labels on the series' grid."""

from pathlib import Path

import highdicom
import numpy as np
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import generate_uid

from tests.training.ingest.written import chest, slices, write_series
from training.ingest.layout import Request, candidates
from training.ingest.preparing import to_volume
from training.ingest.pseudonym import Pseudonyms

CHEST = chest()
HEART = CHEST.hu == 45
SPINE = CHEST.hu == 500


def segmentation(source: list[Dataset], labels: tuple[str, str]) -> Dataset:
    descriptions = [
        highdicom.seg.SegmentDescription(
            segment_number=number,
            segment_label=label,
            segmented_property_category=codes.SCT.AnatomicalStructure,
            segmented_property_type=codes.SCT.Bone,
            algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.MANUAL,
        )
        for number, label in enumerate(labels, start=1)
    ]
    return highdicom.seg.Segmentation(
        source_images=source,
        pixel_array=np.stack([HEART, SPINE], axis=-1).astype(np.uint8),
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=descriptions,
        series_instance_uid=generate_uid(),
        series_number=2,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer="Drawer",
        manufacturer_model_name="Pen",
        software_versions="1",
        device_serial_number="1",
    )


def series_with(folder: Path, labels: tuple[str, str]) -> None:
    source = slices(CHEST, patient="No^Body")
    for dataset in source:
        dataset.StudyTime, dataset.StudyID = "120000", "1"
        dataset.AccessionNumber = "1"
    write_series(folder / "ct", source)
    write_series(folder / "seg", [segmentation(source, labels)])


def test_segments_become_ids_of_the_table(tmp_path: Path) -> None:
    series_with(tmp_path, ("heart", "Vertebrae T12"))

    (candidate,) = candidates("dicom", Request(tmp_path, Pseudonyms(bytes(32))))
    scan = candidate.read()

    volume, _ = to_volume(scan)
    assert volume.labels is not None
    assert np.array_equal(volume.labels == 51, HEART)
    assert np.array_equal(volume.labels == 32, SPINE)
    assert volume.label_ids == {32, 51}
    assert scan.labels is not None
    assert scan.labels.origin == "DICOM SEG, Drawer"


def test_what_is_no_structure_is_said_and_not_used(tmp_path: Path) -> None:
    series_with(tmp_path, ("Nodule 1", "Lesion"))

    scan = candidates("dicom", Request(tmp_path, Pseudonyms(bytes(32))))[0].read()

    assert scan.labels is None
    assert scan.notes == ("a segmentation names no structure of the table",)
