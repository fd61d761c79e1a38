"""Radiographs as DICOM, made from keywords: minimal, valid, no patient in them.

`build_dx(Rows=…)`, `build_cr`, `build_sc` take DICOM keywords that override the defaults below;
`None` removes the attribute. `pixels` is a (rows, columns) array of integers. `write_part10`
saves a Dataset as a Part 10 file in any transfer syntax that the installed encoders can write.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
    generate_uid,
)

Pixels = NDArray[np.integer[Any]]


def draw_chest(rows: int = 96, columns: int = 80, *, bits_stored: int = 12) -> Pixels:
    """Return a drawn frontal chest, bright = dense: bright body, two dark lungs, a bright heart.

    The heart's axis lies to the image's right (the patient's left), so a mirrored picture is
    another one. uint16 (uint8 up to 8 bits), values 0 to 2**bits_stored - 1.
    """
    row, column = np.mgrid[0:rows, 0:columns]
    y, x = (row + 0.5) / rows, (column + 0.5) / columns

    def ellipse(centre_y: float, centre_x: float, half_y: float, half_x: float) -> NDArray[Any]:
        return ((y - centre_y) / half_y) ** 2 + ((x - centre_x) / half_x) ** 2 <= 1

    picture = np.full((rows, columns), 0.05)
    picture[ellipse(0.55, 0.5, 0.6, 0.47)] = 0.7
    picture[ellipse(0.48, 0.3, 0.34, 0.14)] = 0.25
    picture[ellipse(0.48, 0.7, 0.34, 0.14)] = 0.25
    picture[ellipse(0.62, 0.56, 0.15, 0.17)] = 0.85
    dtype = np.uint8 if bits_stored <= 8 else np.uint16
    return np.round(picture * (2**bits_stored - 1)).astype(dtype)


def build_dx(pixels: Pixels | None = None, **keywords: object) -> Dataset:
    """Return a Digital X-Ray Image For Presentation of a chest, PA, with calibrated spacing.

    The window spans the stored range; AnatomicRegionSequence names the thorax as long as
    BodyPartExamined is left alone.
    """
    array = draw_chest() if pixels is None else np.asarray(pixels)
    bits_stored = int(str(keywords.get("BitsStored") or _pixel_description(array)["BitsStored"]))
    defaults: dict[str, object] = {
        "SOPClassUID": DigitalXRayImageStorageForPresentation,
        "Modality": "DX",
        "PresentationIntentType": "FOR PRESENTATION",
        "PixelSpacing": [0.2, 0.2],
        "PixelSpacingCalibrationType": "GEOMETRY",
        "ImagerPixelSpacing": [0.21, 0.21],
        "PixelIntensityRelationship": "LOG",
        "PixelIntensityRelationshipSign": -1,
        "RescaleIntercept": "0",
        "RescaleSlope": "1",
        "RescaleType": "US",
        "PresentationLUTShape": "IDENTITY",
        "LossyImageCompression": "00",
        "ImageLaterality": "U",
        "BurnedInAnnotation": "NO",
        "PositionerType": "NONE",
        "DetectorType": "DIRECT",
        "PixelSpacingCalibrationDescription": "drawn",
        "WindowCenter": str(2 ** (bits_stored - 1)),
        "WindowWidth": str(2**bits_stored),
        "AnatomicRegionSequence": [] if "BodyPartExamined" in keywords else [_thorax()],
        "AcquisitionContextSequence": [],
    }
    return _image(array, defaults | keywords)


def build_cr(pixels: Pixels | None = None, **keywords: object) -> Dataset:
    """Return a Computed Radiography Image of a chest, PA, spacing at the detector plane."""
    defaults: dict[str, object] = {
        "SOPClassUID": ComputedRadiographyImageStorage,
        "Modality": "CR",
        "ImagerPixelSpacing": [0.2, 0.2],
        "PlateType": "",
    }
    return _image(pixels, defaults | keywords)


def build_sc(pixels: Pixels | None = None, **keywords: object) -> Dataset:
    """Return a Secondary Capture Image tagged DX with neither body part nor spacing."""
    defaults: dict[str, object] = {
        "SOPClassUID": SecondaryCaptureImageStorage,
        "Modality": "DX",
        "ConversionType": "WSD",
        "BodyPartExamined": None,
        "ViewPosition": None,
        "PatientOrientation": "",
    }
    return _image(draw_chest(bits_stored=8) if pixels is None else pixels, defaults | keywords)


def write_part10(
    dataset: Dataset, path: Path, transfer_syntax_uid: str = ExplicitVRLittleEndian
) -> Path:
    """Save `dataset` with preamble and file meta information, encoded by pydicom's encoders."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", SecondaryCaptureImageStorage)
    meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", generate_uid())
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta
    if meta.TransferSyntaxUID != transfer_syntax_uid:
        _encode(dataset, transfer_syntax_uid)
    dataset.save_as(path, enforce_file_format=True)
    return path


def write_encapsulated(
    dataset: Dataset, path: Path, transfer_syntax_uid: str, *fragments: bytes
) -> Path:
    """Save `dataset` with the given fragments as its one encapsulated frame, whatever they hold."""
    dataset.PixelData = encapsulate([b"".join(fragments)], fragments_per_frame=len(fragments))
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    dataset.file_meta = meta
    dataset.save_as(path, enforce_file_format=True)
    return path


def _encode(dataset: Dataset, transfer_syntax_uid: str) -> None:
    wanted = UID(transfer_syntax_uid)
    if wanted.is_encapsulated:
        dataset.compress(wanted, generate_instance_uid=False)
    if wanted == ExplicitVRBigEndian and dataset.BitsAllocated == 16:
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").astype(">u2").tobytes()
    dataset.file_meta.TransferSyntaxUID = wanted


def _image(pixels: Pixels | None, keywords: dict[str, object]) -> Dataset:
    array = draw_chest() if pixels is None else np.asarray(pixels)
    dataset = Dataset()
    for keyword, value in (_shared() | _pixel_description(array) | keywords).items():
        if value is not None:
            setattr(dataset, keyword, value)
    if keywords.get("PixelData", b"") is not None and "PixelData" not in keywords:
        dataset.PixelData = _padded(np.ascontiguousarray(array).tobytes())
    if "PixelData" in dataset:
        dataset["PixelData"].VR = "OB" if dataset.get("BitsAllocated", 16) <= 8 else "OW"
    return dataset


def _thorax() -> Dataset:
    item = Dataset()
    item.CodeValue = "816094009"
    item.CodingSchemeDesignator = "SCT"
    item.CodeMeaning = "Thorax"
    return item


def _padded(encoded: bytes) -> bytes:
    return encoded + b"\0" * (len(encoded) % 2)


def _shared() -> dict[str, object]:
    return {
        "SpecificCharacterSet": "ISO_IR 192",
        "ImageType": ["ORIGINAL", "PRIMARY", ""],
        "SOPInstanceUID": generate_uid(),
        "StudyInstanceUID": generate_uid(),
        "SeriesInstanceUID": generate_uid(),
        "StudyDate": "20200102",
        "SeriesDate": "20200102",
        "AcquisitionDate": "20200102",
        "ContentDate": "20200102",
        "StudyTime": "101500",
        "SeriesTime": "101600",
        "AcquisitionTime": "101600",
        "ContentTime": "101600",
        "AccessionNumber": "",
        "Manufacturer": "Builders",
        "ReferringPhysicianName": "",
        "PatientName": "Phantom^Drawn",
        "PatientID": "PHANTOM-1",
        "PatientBirthDate": "",
        "PatientSex": "",
        "StudyID": "1",
        "SeriesNumber": "1",
        "InstanceNumber": "1",
        "BodyPartExamined": "CHEST",
        "ViewPosition": "PA",
        "PatientOrientation": ["L", "F"],
    }


def _pixel_description(array: Pixels) -> dict[str, object]:
    bits_allocated = array.dtype.itemsize * 8
    bits_stored = 12 if bits_allocated == 16 else bits_allocated
    return {
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": array.shape[0],
        "Columns": array.shape[1],
        "BitsAllocated": bits_allocated,
        "BitsStored": bits_stored,
        "HighBit": bits_stored - 1,
        "PixelRepresentation": int(np.issubdtype(array.dtype, np.signedinteger)),
    }
