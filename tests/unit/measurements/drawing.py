"""Chests drawn from boxes and other masks, and the same chest mirrored, moved and enlarged."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from service.domain.image import PixelSpacing, SpacingProvenance, ViewPosition
from service.domain.measurement import Measurement, QualityCheck
from service.domain.segmentation import Code, Segment, Segmentation
from service.measurements.registry import Subject, measure_all

Mask = NDArray[np.bool_]
STRUCTURE = Code("91723000", "SCT", "Anatomical Structure")
SPACING = PixelSpacing(0.5, 0.25, SpacingProvenance.CALIBRATED)
"""Oblong on purpose: who mixes up rows and columns is wrong by two."""
ROWS, COLUMNS = 200, 160


def box(top: int, bottom: int, left: int, right: int) -> Mask:
    """Return rows top…bottom and columns left…right, ends excluded, bool (200, 160)."""
    mask = np.zeros((ROWS, COLUMNS), np.bool_)
    mask[top:bottom, left:right] = True
    return mask


def subject_of(
    masks: dict[str, Mask],
    spacing: PixelSpacing = SPACING,
    checks: tuple[QualityCheck, ...] = (),
    *,
    left_on_right: bool | None = True,
) -> Subject:
    """Return a postero-anterior chest with these structures."""
    segments = tuple(
        Segment(number, key, key, STRUCTURE, STRUCTURE, None, (0, 0, 0))
        for number, key in enumerate(masks, start=1)
    )
    stack = np.stack(list(masks.values()))
    segmentation = Segmentation(segments, stack, np.ones(len(masks), np.float32))
    view = ViewPosition.POSTERO_ANTERIOR
    return Subject(segmentation, spacing, view, checks, left_on_right)


def taken(subject: Subject, key: str) -> Measurement:
    """Return the measurement called `key`."""
    return next(found for found in measure_all(subject) if found.key == key)


def values(subject: Subject) -> dict[str, float | None]:
    """Return every measurement's value, None where it was not taken."""
    return {found.key: found.value for found in measure_all(subject)}


def with_masks(subject: Subject, masks: NDArray[np.bool_], spacing: PixelSpacing) -> Subject:
    """Return the subject with other masks of the same structures, nothing remembered."""
    segmentation = replace(subject.segmentation, masks=masks)
    side = subject.patient_left_is_on_image_right
    return Subject(segmentation, spacing, subject.view, subject.checks, side)


def mirrored_film(subject: Subject) -> Subject:
    """Return the same patient on a film that lies the other way round."""
    flipped = with_masks(subject, subject.segmentation.masks[:, :, ::-1], subject.spacing)
    side = subject.patient_left_is_on_image_right
    return replace(flipped, patient_left_is_on_image_right=None if side is None else not side)


def mirrored_patient(subject: Subject) -> Subject:
    """Return the mirror image of the patient: right lung at the left, and named so."""
    flipped = with_masks(subject, subject.segmentation.masks[:, :, ::-1], subject.spacing)
    segments = tuple(
        replace(segment, key=_other_side(segment.key)) for segment in subject.segmentation.segments
    )
    return replace(flipped, segmentation=replace(flipped.segmentation, segments=segments))


def moved(subject: Subject, rows: int, columns: int) -> Subject:
    """Return the patient on a larger film, `rows` lower and `columns` further to high columns."""
    masks = np.pad(subject.segmentation.masks, ((0, 0), (rows, 2), (columns, 3)))
    return with_masks(subject, masks, subject.spacing)


def enlarged(subject: Subject, factor: int) -> Subject:
    """Return the same film on a grid that is finer by `factor`."""
    masks = subject.segmentation.masks.repeat(factor, axis=1).repeat(factor, axis=2)
    old = subject.spacing
    row_mm = None if old.row_mm is None else old.row_mm / factor
    column_mm = None if old.column_mm is None else old.column_mm / factor
    return with_masks(subject, masks, PixelSpacing(row_mm, column_mm, old.provenance))


def _other_side(key: str) -> str:
    swapped = {"right": "left", "left": "right"}
    return "_".join(swapped.get(word, word) for word in key.split("_"))
