"""Enhanced CT: one object, many frames, geometry and rescale in functional groups."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedCTImageStorage

from tests.training.ingest.written import chest, slices, write_series
from training.ingest.dicom.series import read_series
from training.ingest.preparing import to_volume
from training.ingest.refusal import Reason, Refused

CHEST = chest()


def item(**values: object) -> Sequence:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return Sequence([dataset])


def enhanced() -> Dataset:
    """The chest as one object; its frames run from head to feet."""
    single = slices(CHEST)
    whole = single[0]
    whole.SOPClassUID = whole.file_meta.MediaStorageSOPClassUID = EnhancedCTImageStorage
    frames = []
    for dataset in single[::-1]:
        frame = Dataset()
        frame.PlanePositionSequence = item(ImagePositionPatient=dataset.ImagePositionPatient)
        frames.append(frame)
    shared = Dataset()
    shared.PlaneOrientationSequence = item(
        ImageOrientationPatient=list(whole.ImageOrientationPatient)
    )
    shared.PixelMeasuresSequence = item(PixelSpacing=list(whole.PixelSpacing), SliceThickness="5")
    shared.PixelValueTransformationSequence = item(RescaleIntercept="-1024", RescaleSlope="1")
    shared.CTXRayDetailsSequence = item(KVP="100")
    whole.PixelData = b"".join(dataset.PixelData for dataset in single[::-1])
    whole.NumberOfFrames = len(single)
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing",
                    "RescaleIntercept", "RescaleSlope", "KVP", "SliceThickness"):  # fmt: skip
        delattr(whole, keyword)
    whole.SharedFunctionalGroupsSequence = Sequence([shared])
    whole.PerFrameFunctionalGroupsSequence = Sequence(frames)
    return whole


def test_the_frames_of_an_enhanced_object_are_slices(tmp_path: Path) -> None:
    write_series(tmp_path, [enhanced()])

    scan = read_series(sorted(tmp_path.glob("*.dcm")))

    volume, _ = to_volume(scan)
    assert np.array_equal(volume.hu, CHEST.hu)
    assert scan.acquisition.kilovolt_peak == 100.0
    assert scan.acquisition.slice_thickness_mm == 5.0
    assert scan.notes == ()


def test_frames_that_nobody_describes_are_refused(tmp_path: Path) -> None:
    whole = enhanced()
    del whole.PerFrameFunctionalGroupsSequence[3]
    write_series(tmp_path, [whole])

    with pytest.raises(Refused) as caught:
        read_series(sorted(tmp_path.glob("*.dcm")))

    assert caught.value.reason is Reason.TRUNCATED
