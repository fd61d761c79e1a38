"""A picture without a DICOM header, for the command line: PNG or JPEG with what the caller says."""

import hashlib
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from pydicom import Dataset, uid

from service.domain.image import NO_SPACING, PixelSpacing, SourceImage, SpacingProvenance
from service.domain.image import ViewPosition as View
from service.errors import NotEligible, RejectedInstance
from service.imaging.limits import DEFAULT_LIMITS, DecodeLimits
from service.imaging.pixels import dense_is_bright
from service.imaging.read import reference_of
from service.imaging.reasons import Ineligibility, Rejection

_FORMATS = ("PNG", "JPEG")
_GREY_MODES = ("L", "I;16", "I;16B", "I", "1")
# JPEG stores a grey picture's colours with a little noise.
_COLOUR_TOLERANCE = 12


def read_raster(
    path: Path, view: View, spacing_mm: float | None, limits: DecodeLimits = DEFAULT_LIMITS
) -> tuple[Dataset, SourceImage]:
    """Return a made-up Secondary Capture header and the picture, bright = dense as it is stored.

    The UIDs are derived: the same file, view and spacing are the same instance. Nothing is
    rotated, EXIF or not. Raises RejectedInstance (not_a_picture, too_large), NotEligible (colour).
    """
    if path.stat().st_size > limits.file_bytes:
        raise RejectedInstance("the file is too large", code=Rejection.TOO_LARGE)
    stored = _grey_values(path, limits)
    header = _header(path, stored.shape, view, spacing_mm)
    pixels, _oddities = dense_is_bright(stored, header)
    spacing = NO_SPACING
    if spacing_mm is not None:
        spacing = PixelSpacing(spacing_mm, spacing_mm, SpacingProvenance.CALLER)
    return header, SourceImage(reference_of(header), pixels, spacing, view, None)


def _grey_values(path: Path, limits: DecodeLimits) -> NDArray[np.uint16]:
    """Return the values, uint16 (rows, columns)."""
    try:
        with warnings.catch_warnings(), Image.open(path, formats=_FORMATS) as picture:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the next line is ours
            if picture.width * picture.height > limits.pixels:
                raise RejectedInstance("too many pixels", code=Rejection.TOO_LARGE)
            picture.load()
            return _grey(picture)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise RejectedInstance(
            "neither a whole PNG nor a whole JPEG", code=Rejection.NOT_A_PICTURE
        ) from error
    except Image.DecompressionBombError as error:
        raise RejectedInstance("too many pixels", code=Rejection.TOO_LARGE) from error


def _grey(picture: Image.Image) -> NDArray[np.uint16]:
    if picture.mode in _GREY_MODES:
        return np.asarray(picture).astype(np.uint16)
    if picture.mode == "LA":
        return np.asarray(picture)[:, :, 0].astype(np.uint16)
    channels = np.asarray(picture.convert("RGB")).astype(np.int16)
    if int(np.ptp(channels, axis=2).max()) > _COLOUR_TOLERANCE:
        raise NotEligible("a colour picture", code=Ineligibility.COLOUR)
    return channels[:, :, 1].astype(np.uint16)


def _header(path: Path, shape: tuple[int, ...], view: View, spacing_mm: float | None) -> Dataset:
    """Return a Secondary Capture header (PS3.3 A.8.1) without pixels, patient or dates."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    identity = [digest, view.value, repr(spacing_mm)]
    header = Dataset()
    header.SOPClassUID = uid.SecondaryCaptureImageStorage
    header.StudyInstanceUID = uid.generate_uid(entropy_srcs=[*identity, "study"])
    header.SeriesInstanceUID = uid.generate_uid(entropy_srcs=[*identity, "series"])
    header.SOPInstanceUID = uid.generate_uid(entropy_srcs=[*identity, "instance"])
    _describe(header, view, spacing_mm)
    header.Rows, header.Columns = shape
    header.SamplesPerPixel = 1
    header.PhotometricInterpretation = "MONOCHROME2"
    header.BitsAllocated = header.BitsStored = 16
    header.HighBit = 15
    header.PixelRepresentation = 0
    return header


def _describe(header: Dataset, view: View, spacing_mm: float | None) -> None:
    header.Modality = "DX"
    header.ConversionType = "WSD"
    header.BodyPartExamined = "CHEST"
    header.SeriesNumber = header.InstanceNumber = "1"
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate"):
        setattr(header, keyword, "")
    for keyword in ("StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName"):
        setattr(header, keyword, "")
    header.PatientOrientation = ""
    if view is not View.UNKNOWN:
        header.ViewPosition = view.value
    if spacing_mm is not None:
        header.PixelSpacing = [spacing_mm, spacing_mm]
