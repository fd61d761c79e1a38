"""Which millimetres a radiograph has, and where they come from. Never more than the header says."""

import math
from typing import NamedTuple

from pydicom import Dataset

from service.domain.image import NO_SPACING, PixelSpacing, SpacingProvenance
from service.imaging.attributes import number, numbers, text
from service.imaging.reasons import Oddity

# Detectors have 0.05 to 0.2 mm; small copies of a film up to 2 mm.
SMALLEST_SPACING_MM = 0.01
LARGEST_SPACING_MM = 5.0
LARGEST_ASPECT = 2.0
# A patient touches the detector (1.0) or lies a hand's breadth before it; bedside films reach 1.3.
LARGEST_MAGNIFICATION = 2.0
_SAME = 1e-3
_SPACING_KEYWORDS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")


class Spacing(NamedTuple):
    """Millimetres between rows and between columns."""

    row_mm: float
    column_mm: float


def pixel_spacing(header: Dataset) -> PixelSpacing:
    """Return the spacing from the first source that is stated and sane.

    1. PixelSpacing with PixelSpacingCalibrationType: calibrated in the patient.
    2. ImagerPixelSpacing over the magnification: EstimatedRadiographicMagnificationFactor, else
       DistanceSourceToDetector over DistanceSourceToPatient.
    3. ImagerPixelSpacing: at the detector, larger than the patient.
    4. NominalScannedPixelSpacing or PixelSpacing without a type: nobody says of what plane.

    Source: PS3.3 section 10.7.1.3. A PixelSpacing without a type that equals ImagerPixelSpacing
    says nothing of its own.
    """
    calibrated = _spacing(header, "PixelSpacing")
    if calibrated and text(header, "PixelSpacingCalibrationType") in ("GEOMETRY", "FIDUCIAL"):
        return PixelSpacing(*calibrated, SpacingProvenance.CALIBRATED)
    imager = _spacing(header, "ImagerPixelSpacing")
    if imager:
        return _at_patient(imager, _magnification(header))
    unstated = _spacing(header, "NominalScannedPixelSpacing") or calibrated
    if unstated:
        return PixelSpacing(*unstated, SpacingProvenance.PIXEL_SPACING_UNSTATED)
    return NO_SPACING


def spacing_oddities(header: Dataset) -> tuple[Oddity, ...]:
    """Return warnings: a spacing that is not believed, and pixels that are not square."""
    found: tuple[Oddity, ...] = ()
    if any(_is_stated(header, each) and not _spacing(header, each) for each in _SPACING_KEYWORDS):
        found += (Oddity.SPACING_IGNORED,)
    ratio = numbers(header, "PixelAspectRatio")
    has_ratio = len(ratio) == 2 and ratio[0] != ratio[1]  # noqa: PLR2004 - vertical and horizontal
    if has_ratio or abs(pixel_spacing(header).aspect - 1.0) > _SAME:
        found += (Oddity.PIXELS_NOT_SQUARE,)
    return found


def _at_patient(imager: Spacing, magnification: float | None) -> PixelSpacing:
    if magnification is None:
        return PixelSpacing(*imager, SpacingProvenance.DETECTOR_PLANE)
    row_mm, column_mm = (each / magnification for each in imager)
    return PixelSpacing(row_mm, column_mm, SpacingProvenance.MAGNIFICATION_CORRECTED)


def _magnification(header: Dataset) -> float | None:
    """Return how much larger the detector shows the patient; None when nobody says, or says 1."""
    stated = number(header, "EstimatedRadiographicMagnificationFactor")
    to_patient = number(header, "DistanceSourceToPatient")
    ratio = number(header, "DistanceSourceToDetector") / to_patient if to_patient else math.nan
    for candidate in (stated, ratio):
        if 1.0 < candidate <= LARGEST_MAGNIFICATION:
            return candidate
    return None


def _is_stated(header: Dataset, keyword: str) -> bool:
    return bool(numbers(header, keyword))


def _spacing(header: Dataset, keyword: str) -> Spacing | None:
    """Return the two values when both are lengths that a radiograph can have."""
    values = numbers(header, keyword)
    if len(values) != 2:  # noqa: PLR2004 - rows and columns
        return None
    row_mm, column_mm = values
    in_range = all(SMALLEST_SPACING_MM <= each <= LARGEST_SPACING_MM for each in values)
    if not in_range or not 1 / LARGEST_ASPECT <= row_mm / column_mm <= LARGEST_ASPECT:
        return None
    return Spacing(row_mm, column_mm)
