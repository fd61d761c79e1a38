"""Small chests written as files of every kind that ingest reads."""

from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import SimpleITK as sitk  # noqa: N813
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from tests.training.conftest import chest_phantom
from training.ingest.volume import Volume

SPACING = 5.0
ORIGIN = (-177.5, -117.5, -400.0)
Change = Callable[[list[Dataset]], list[Dataset] | None]


def chest() -> Volume:
    """64 x 48 x 72 voxels of 5 mm."""
    return chest_phantom(SPACING)


def slices(volume: Volume, patient: str = "Doe^Jane", uid: str = "") -> list[Dataset]:
    """One CT object a slice, feet first, x to the left and y to the back."""
    series, study = uid or generate_uid(), generate_uid()
    return [
        _slice(volume, number, patient, str(series), str(study)) for number in range(len(volume.hu))
    ]


def _slice(volume: Volume, number: int, patient: str, series: str, study: str) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, generate_uid()
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.Modality, dataset.ImageType = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.PatientName, dataset.PatientID = patient, f"ID-{patient}"
    dataset.PatientBirthDate, dataset.PatientSex, dataset.PatientAge = "19600102", "F", "064Y"
    dataset.InstitutionName, dataset.AccessionNumber = "St. Nowhere", "A-4711"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
    dataset.StudyDate, dataset.ReferringPhysicianName = "20240229", "Who^Doctor"
    dataset.FrameOfReferenceUID = study
    dataset.Manufacturer, dataset.ManufacturerModelName = "Maker", "Model 64"
    dataset.KVP, dataset.SliceThickness = "120", str(volume.spacing_mm[0])
    dataset.ContrastBolusAgent = "Something 300"
    dataset.InstanceNumber = str(len(volume.hu) - number)  # misleading on purpose
    x, y, z = ORIGIN
    dataset.ImagePositionPatient = [x, y, z + number * volume.spacing_mm[0]]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [volume.spacing_mm[1], volume.spacing_mm[2]]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.Rows, dataset.Columns = volume.hu.shape[1:]
    dataset.RescaleIntercept, dataset.RescaleSlope = "-1024", "1"
    dataset.PixelData = (volume.hu[number] + 1024).astype("<u2").tobytes()
    return dataset


def write_series(folder: Path, datasets: list[Dataset]) -> Path:
    """Files in an order that says nothing about positions."""
    folder.mkdir(parents=True, exist_ok=True)
    for dataset in datasets:
        dataset.save_as(folder / f"{dataset.SOPInstanceUID}.dcm", enforce_file_format=True)
    return folder


def write_nifti(path: Path, array: np.ndarray, spacing: tuple[float, float, float]) -> Path:
    """(z, y, x) in canonical axes to NIfTI, whose world points right and forward."""
    path.parent.mkdir(parents=True, exist_ok=True)
    z, y, x = spacing
    affine = np.diag([-x, -y, z, 1.0])
    nibabel.save(nibabel.Nifti1Image(array.transpose(2, 1, 0), affine), path)
    return path


def write_chest(path: Path) -> Path:
    """The chest as NIfTI."""
    volume = chest()
    return write_nifti(path, volume.hu, volume.spacing_mm)


def itk(volume: Volume) -> sitk.Image:
    """The chest as SimpleITK image."""
    image = sitk.GetImageFromArray(volume.hu)
    image.SetSpacing(volume.spacing_mm[::-1])
    image.SetOrigin(ORIGIN)
    return image
