"""A radiograph ready for analysis: pixels, geometry, view; no patient attributes."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from service.domain.identifiers import InstanceReference


class ViewPosition(StrEnum):
    """How the beam passed the patient, as far as the header says."""

    POSTERO_ANTERIOR = "PA"
    ANTERO_POSTERIOR = "AP"
    LATERAL = "LATERAL"
    UNKNOWN = "UNKNOWN"


class SpacingProvenance(StrEnum):
    """Where millimetres come from; each result that uses them repeats it."""

    CALIBRATED = "pixel_spacing_calibrated"
    MAGNIFICATION_CORRECTED = "imager_pixel_spacing_magnification_corrected"
    DETECTOR_PLANE = "imager_pixel_spacing_detector_plane"
    PIXEL_SPACING_UNSTATED = "pixel_spacing_without_calibration_type"
    CALLER = "given_by_caller"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PixelSpacing:
    """Millimetres between neighbouring rows and between neighbouring columns, and their source.

    Both are None exactly when provenance is NONE: then nothing may be given in millimetres.
    """

    row_mm: float | None
    column_mm: float | None
    provenance: SpacingProvenance

    @property
    def aspect(self) -> float:
        """Return row over column spacing; 1 when unknown (square pixels are assumed)."""
        if self.row_mm is None or self.column_mm is None:
            return 1.0
        return self.row_mm / self.column_mm


NO_SPACING = PixelSpacing(None, None, SpacingProvenance.NONE)


@dataclass(frozen=True, slots=True)
class SourceImage:
    """One single-frame greyscale radiograph in stored pixel space.

    pixels: float32 (rows, columns), bright = dense (MONOCHROME1 is already inverted),
    arbitrary range. Never rotated or mirrored.
    patient_left_is_on_image_right: from PatientOrientation; None when the header does not say.
    warnings: codes of oddities that were met and accepted (`uid_leading_zero`, …).
    patient_is_under_16: from PatientAge or the dates; None when the header does not say.
    """

    reference: InstanceReference
    pixels: NDArray[np.float32]
    spacing: PixelSpacing
    view: ViewPosition
    patient_left_is_on_image_right: bool | None
    warnings: tuple[str, ...] = ()
    patient_is_under_16: bool | None = None

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return int(self.pixels.shape[0])

    @property
    def columns(self) -> int:
        """Return the number of columns."""
        return int(self.pixels.shape[1])
