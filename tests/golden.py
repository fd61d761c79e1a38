"""The masks of a labelled CT seen as a radiograph (`tests/golden/`), ready to be measured."""

from functools import cache
from pathlib import Path

import numpy as np

from service.domain.image import PixelSpacing, SpacingProvenance, ViewPosition
from service.domain.segmentation import Code, Laterality, Segment, Segmentation
from service.measurements.registry import Subject

FOLDER = Path(__file__).parent / "golden"
STRUCTURE = Code("91723000", "SCT", "Anatomical structure")


def golden_frontal() -> Subject:
    """Postero-anterior, the patient's right on the left of the picture."""
    return _subject("frontal", ViewPosition.POSTERO_ANTERIOR)


def golden_lateral() -> Subject:
    """Left side to the detector, the patient's front on the left of the picture."""
    return _subject("lateral", ViewPosition.LATERAL)


def golden_keys(view: str) -> tuple[str, ...]:
    """Names of the structures of `frontal` or `lateral`."""
    return tuple(segment.key for segment in _read(view)[0].segments)


def _subject(name: str, view: ViewPosition) -> Subject:
    segmentation, spacing = _read(name)
    left_on_right = None if view is ViewPosition.LATERAL else True
    return Subject(segmentation, spacing, view, patient_left_is_on_image_right=left_on_right)


@cache
def _read(name: str) -> tuple[Segmentation, PixelSpacing]:
    with np.load(FOLDER / f"{name}.npz") as file:
        shape, pixel = tuple(file["shape"]), float(file["spacing_mm"])
        keys = file["keys"].tolist()
        bits = np.unpackbits(file["bits"], count=int(np.prod(shape)))
    masks = bits.reshape(shape).astype(np.bool_)
    masks.setflags(write=False)
    segments = tuple(_segment(number, key) for number, key in enumerate(keys, start=1))
    spacing = PixelSpacing(pixel, pixel, SpacingProvenance.MAGNIFICATION_CORRECTED)
    return Segmentation(segments, masks, np.ones(len(keys), np.float32)), spacing


def _segment(number: int, key: str) -> Segment:
    side = next((s for s in Laterality if s.value in key.split("_")), None)
    return Segment(number, key, key.replace("_", " "), STRUCTURE, STRUCTURE, side, (0, 0, 0))
