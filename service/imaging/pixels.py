"""Stored values to a picture in which bright is dense, whatever the vendor stored."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from service.imaging.attributes import items, number, numbers, text
from service.imaging.grey_values import GreyScale, grey_scale
from service.imaging.lookup_table import read_lookup_table
from service.imaging.reasons import Oddity
from service.imaging.voi import apply_voi

StoredValues = NDArray[np.integer[Any]]
Stage = tuple[GreyScale, tuple[Oddity, ...]]
_FOR_PROCESSING_CLASS = "1.2.840.10008.5.1.4.1.1.1.1.1"


def dense_is_bright(
    stored: StoredValues, header: Dataset, *, is_little_endian: bool = True
) -> tuple[NDArray[np.float32], tuple[Oddity, ...]]:
    """Return the picture, float32 (rows, columns) from 0 to 1, bright = dense, and warnings.

    Modality LUT, then VOI LUT or window, then polarity (PS3.4 N.2). Padding becomes 0, like air.
    A For Processing image has no VOI: its physics give the polarity, a logarithm its scale.
    """
    scale = grey_scale(stored, _padding(header, stored))
    scale, notes = _modality(scale, header, is_little_endian=is_little_endian)
    if is_for_processing(header):
        scale, more = _attenuation(scale, header)
    else:
        scale, more = apply_voi(scale, header, is_little_endian=is_little_endian)
        scale, last = _presentation(scale, header)
        more += last
    return scale.applied(stored), notes + more


def is_for_processing(header: Dataset) -> bool:
    """Return whether the values are the detector's and not meant to be looked at."""
    return (
        text(header, "PresentationIntentType") == "FOR PROCESSING"
        or text(header, "SOPClassUID") == _FOR_PROCESSING_CLASS
    )


def is_inverted(header: Dataset) -> bool:
    """Return whether the lowest value is meant to be white.

    MONOCHROME1 with PresentationLUTShape INVERSE is one statement made twice (PS3.3 table
    C.8-71), not two inversions. Where the two disagree PhotometricInterpretation decides: every
    viewer heeds it, so a wrong one is noticed where the film is read, and a wrong shape is not.
    """
    return text(header, "PhotometricInterpretation") == "MONOCHROME1"


def _modality(scale: GreyScale, header: Dataset, *, is_little_endian: bool) -> Stage:
    """Apply the Modality LUT Sequence, else Rescale Slope and Intercept (PS3.3 C.11.1)."""
    notes: tuple[Oddity, ...] = ()
    for item in items(header, "ModalityLUTSequence")[:1]:
        table = read_lookup_table(
            item, is_little_endian=is_little_endian, has_negative_input=scale.lowest < 0
        )
        if table is not None:
            return scale.mapped(table.look_up(scale.values)), ()
        notes = (Oddity.MODALITY_LUT_IGNORED,)
    scale, more = _rescaled(scale, header)
    return scale, notes + more


def _rescaled(scale: GreyScale, header: Dataset) -> Stage:
    slope, intercept = number(header, "RescaleSlope"), number(header, "RescaleIntercept")
    if "RescaleSlope" not in header and "RescaleIntercept" not in header:
        return scale, ()
    if not np.isfinite([slope, intercept]).all() or slope == 0:
        return scale, (Oddity.RESCALE_IGNORED,)
    return scale.mapped(scale.values * slope + intercept), ()


def _presentation(scale: GreyScale, header: Dataset) -> Stage:
    shape = text(header, "PresentationLUTShape")
    inverted = is_inverted(header)
    contradicts = shape in ("IDENTITY", "INVERSE") and (shape == "INVERSE") != inverted
    notes = (Oddity.POLARITY_CONTRADICTION,) * contradicts
    return (scale.inverted if inverted else scale), notes


def _attenuation(scale: GreyScale, header: Dataset) -> Stage:
    """Return attenuation from detector values by Pixel Intensity Relationship and its Sign.

    Sign 1: higher values had more X-rays, so dense is low (PS3.3 C.8.11.3.1.2).
    """
    sign = number(header, "PixelIntensityRelationshipSign")
    intensity_rises = sign == 1 if sign in (1, -1) else is_inverted(header)
    if intensity_rises and text(header, "PixelIntensityRelationship") == "LIN":
        scale = scale.mapped(np.log(np.maximum(scale.values, 1.0)))
    return (scale.inverted if intensity_rises else scale), (Oddity.FOR_PROCESSING,)


def _padding(header: Dataset, stored: StoredValues) -> tuple[int, int] | None:
    """Return the lowest and highest padding value (PS3.3 C.7.5.1.1.2), None without."""
    values = numbers(header, "PixelPaddingValue")[:1]
    if not values or not np.isfinite(values).all():
        return None
    values += tuple(v for v in numbers(header, "PixelPaddingRangeLimit")[:1] if np.isfinite(v))
    ends = [_in_the_sign_of(int(each), header, stored) for each in values]
    return min(ends), max(ends)


def _in_the_sign_of(padding: int, header: Dataset, stored: StoredValues) -> int:
    """Return the padding as its bits read with the pixels' sign: writers give it the wrong VR."""
    cell = 1 << int(np.nan_to_num(number(header, "BitsAllocated"), nan=16.0))
    unsigned = padding % cell
    is_signed = bool(np.issubdtype(stored.dtype, np.signedinteger))
    return unsigned - cell if is_signed and unsigned >= cell // 2 else unsigned
