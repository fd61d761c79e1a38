"""A drawn chest with known masks and measurements, for tests that need an Analysis without a model.

Everything is an ellipse or a rectangle in fractions of the image, so sizes follow from the
arguments. The picture is what PatientOrientation L\\F means: the patient's right is image left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from service.domain.analysis import Analysis
from service.domain.identifiers import (
    InstanceReference,
    SeriesInstanceUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID,
)
from service.domain.image import PixelSpacing, SourceImage, SpacingProvenance, ViewPosition
from service.domain.measurement import Measurement, MeasurementStatus, QualityCheck
from service.domain.model import ModelIdentity, Runtime
from service.domain.segmentation import Code, Laterality, Segment, Segmentation

Mask = NDArray[np.bool_]
ANATOMICAL_STRUCTURE = Code("91723000", "SCT", "Anatomical Structure")
LUNG = Code("39607008", "SCT", "Lung")
HEART = Code("80891009", "SCT", "Heart")
CLAVICLE = Code("51299004", "SCT", "Clavicle")
TRACHEA = Code("44567001", "SCT", "Trachea")
DIAMETER = Code("81827009", "SCT", "Diameter")
WIDTH = Code("103355008", "SCT", "Width")
THORACIC_CAVITY = Code("43799004", "SCT", "Thoracic cavity")
CARDIOTHORACIC_RATIO = Code("CTR", "99THORAX", "Cardiothoracic ratio")
MILLIMETRE = Code("mm", "UCUM", "millimeter")
RATIO = Code("{ratio}", "UCUM", "ratio")
MODEL = ModelIdentity("phantom-model", "1.2.3", "ab" * 32)
RUNTIME = Runtime("onnxruntime 1.2.3", "CPUExecutionProvider", (("heart", 0.45), ("trachea", 0.5)))
CALIBRATED = PixelSpacing(0.2, 0.2, SpacingProvenance.CALIBRATED)
REFERENCE = InstanceReference(
    StudyInstanceUID("1.2.826.0.1.3680043.8.498.1"),
    SeriesInstanceUID("1.2.826.0.1.3680043.8.498.1.1"),
    SOPInstanceUID("1.2.826.0.1.3680043.8.498.1.1.1"),
    SOPClassUID("1.2.840.10008.5.1.4.1.1.1.1"),
)


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Centre and half axes, in fractions of rows and columns."""

    row: float
    column: float
    half_rows: float
    half_columns: float

    def mask(self, rows: int, columns: int) -> Mask:
        """Return the pixels whose centre lies inside, bool (rows, columns)."""
        y, x = np.ogrid[:rows, :columns]
        down = ((y + 0.5) / rows - self.row) / self.half_rows
        across = ((x + 0.5) / columns - self.column) / self.half_columns
        inside: Mask = down**2 + across**2 <= 1
        return inside


RIGHT_LUNG = Ellipse(0.46, 0.29, 0.34, 0.16)
LEFT_LUNG = Ellipse(0.46, 0.71, 0.34, 0.16)
HEART_SHAPE = Ellipse(0.62, 0.54, 0.15, 0.18)
TRACHEA_SHAPE = Ellipse(0.18, 0.5, 0.12, 0.02)
CLAVICLE_RIGHT = Ellipse(0.13, 0.32, 0.02, 0.14)


def _segment(
    number: int, key: str, kind: Code, colour: tuple[int, int, int], side: Laterality | None = None
) -> Segment:
    label = key.replace("_", " ").capitalize()
    return Segment(number, key, label, ANATOMICAL_STRUCTURE, kind, side, colour)


SEGMENTS = (
    _segment(1, "right_lung_field", LUNG, (86, 180, 233), Laterality.RIGHT),
    _segment(2, "left_lung_field", LUNG, (0, 158, 115), Laterality.LEFT),
    _segment(3, "heart", HEART, (213, 94, 0)),
    _segment(4, "right_lung", LUNG, (150, 200, 240), Laterality.RIGHT),
    _segment(5, "left_lung", LUNG, (120, 200, 170), Laterality.LEFT),
    _segment(6, "clavicle_left", CLAVICLE, (230, 159, 0), Laterality.LEFT),
    _segment(7, "clavicle_right", CLAVICLE, (240, 228, 66), Laterality.RIGHT),
    _segment(8, "trachea", TRACHEA, (204, 121, 167)),
)
"""Every label of the phantom model; `clavicle_left` is known but not found on the phantom."""


def phantom_masks(rows: int, columns: int) -> NDArray[np.bool_]:
    """Return bool (segments, rows, columns) in the order of SEGMENTS; lungs overlap the heart."""
    heart = HEART_SHAPE.mask(rows, columns)
    right, left = RIGHT_LUNG.mask(rows, columns), LEFT_LUNG.mask(rows, columns)
    empty = np.zeros((rows, columns), dtype=bool)
    clavicle, trachea = CLAVICLE_RIGHT.mask(rows, columns), TRACHEA_SHAPE.mask(rows, columns)
    return np.stack([right & ~heart, left & ~heart, heart, right, left, empty, clavicle, trachea])


def phantom_pixels(rows: int, columns: int) -> NDArray[np.float32]:
    """Return a radiograph-like picture, float32 (rows, columns), bright = dense, 0 to 1."""
    picture = np.full((rows, columns), 0.05, dtype=np.float32)
    picture[Ellipse(0.55, 0.5, 0.6, 0.47).mask(rows, columns)] = 0.7
    for lung in (RIGHT_LUNG, LEFT_LUNG):
        picture[lung.mask(rows, columns)] = 0.25
    picture[HEART_SHAPE.mask(rows, columns)] = 0.85
    return picture


def phantom_segmentation(rows: int = 240, columns: int = 200) -> Segmentation:
    """Return the phantom's segments with the probability that a sure model would give."""
    masks = phantom_masks(rows, columns)
    found = masks.any(axis=(1, 2))
    return Segmentation(SEGMENTS, masks, np.where(found, np.float32(0.9), np.float32(0)))


def phantom_analysis(
    rows: int = 240,
    columns: int = 200,
    *,
    spacing: PixelSpacing = CALIBRATED,
    reference: InstanceReference = REFERENCE,
    patient_left_is_on_image_right: bool | None = True,
) -> Analysis:
    """Return the analysis of the phantom: a ratio, and widths in mm when `spacing` is known."""
    image = SourceImage(
        reference,
        phantom_pixels(rows, columns),
        spacing,
        ViewPosition.POSTERO_ANTERIOR,
        patient_left_is_on_image_right,
    )
    segmentation = phantom_segmentation(rows, columns)
    measurements = phantom_measurements(segmentation, spacing)
    quality = (QualityCheck("view", "passed", "PA"), QualityCheck("rotation", "warning", 0.25))
    timings = {"infer": 0.5}
    return Analysis(image, MODEL, segmentation, measurements, quality, timings, runtime=RUNTIME)


def without_measurements(analysis: Analysis, reason: str = "the heart was not found") -> Analysis:
    """Return the same analysis with every measurement refused for `reason`."""
    refused = tuple(_refused(measurement, reason) for measurement in analysis.measurements)
    return replace(analysis, measurements=refused)


def phantom_measurements(
    segmentation: Segmentation, spacing: PixelSpacing
) -> tuple[Measurement, ...]:
    """Return cardiac width, cardiothoracic ratio and thoracic width as the masks have them."""
    heart = _extent(segmentation, ("heart",))
    thorax = _extent(segmentation, ("right_lung_field", "left_lung_field"))
    widths = (_width(spacing, heart, "cardiac_width"), _width(spacing, thorax, "thoracic_width"))
    ratio = Measurement(
        "cardiothoracic_ratio",
        "Cardiothoracic ratio",
        CARDIOTHORACIC_RATIO,
        RATIO,
        HEART,
        ("heart", "right_lung_field", "left_lung_field"),
        MeasurementStatus.MEASURED,
        float(heart.columns / thorax.columns),
        points=heart.line,
        drawn_with="cardiac_width",
    )
    return (widths[0], ratio, widths[1])


@dataclass(frozen=True, slots=True)
class _Extent:
    row: float
    low: float
    high: float

    @property
    def columns(self) -> float:
        return self.high - self.low

    @property
    def line(self) -> tuple[tuple[float, float], ...]:
        return ((self.row, self.low), (self.row, self.high))


def _extent(segmentation: Segmentation, keys: Sequence[str]) -> _Extent:
    mask = np.any([segmentation.mask(key) for key in keys], axis=0)
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return _Extent(float(rows.mean()), float(columns[0]) - 0.5, float(columns[-1]) + 0.5)


_WIDTHS = {
    "cardiac_width": ("Maximal transverse cardiac diameter", DIAMETER, HEART, ("heart",)),
    "thoracic_width": (
        "Maximal internal thoracic diameter",
        WIDTH,
        THORACIC_CAVITY,
        ("right_lung_field", "left_lung_field"),
    ),
}


def _width(spacing: PixelSpacing, extent: _Extent, key: str) -> Measurement:
    name, code, site, segments = _WIDTHS[key]
    measured = Measurement(
        key,
        name,
        code,
        MILLIMETRE,
        site,
        segments,
        MeasurementStatus.MEASURED,
        value=float(extent.columns * (spacing.column_mm or 1.0)),
        points=extent.line,
        qualifier=spacing.provenance.value,
    )
    return measured if spacing.column_mm else _refused(measured, "no pixel spacing is known")


def _refused(measurement: Measurement, reason: str) -> Measurement:
    return replace(
        measurement,
        status=MeasurementStatus.NOT_MEASURED,
        value=None,
        reason=reason,
        points=(),
        qualifier=None,
    )
