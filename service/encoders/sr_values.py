"""One number of the report with all that is known of it (TID 1419, TID 310, TID 312).

A sentence stands directly below the number, and the coded numbers of a range, an interval or a
comparison below the sentence. TID 310 would have them directly below the number; but a validator
that many archives go by (Pixelmed) takes any number there for a source of the value and calls its
relationship wrong.
"""

from collections.abc import Iterator

import highdicom as hd
from highdicom.sr.value_types import ContentItem, ImageContentItem
from pydicom.sr.codedict import codes
from pydicom.uid import SegmentationStorage

from service.domain.analysis import Analysis
from service.domain.measurement import Measurement, NormalRange
from service.encoders import sr_codes, sr_items
from service.encoders.coding import dicom_code
from service.encoders.sr_comparison import comparison, spaced_unit
from service.encoders.sr_items import Relationship
from service.encoders.sr_segmentation import ReferencedSegmentation

PROPERTIES = Relationship.HAS_PROPERTIES


def measured_value(
    measurement: Measurement, analysis: Analysis, segmentation: ReferencedSegmentation
) -> hd.sr.Measurement:
    """Return the NUM of a measured value with its properties below it, in the template's order."""
    unit = dicom_code(measurement.unit)
    made = hd.sr.Measurement(
        name=dicom_code(measurement.code),
        value=sr_items.rounded(measurement.value or 0.0),
        unit=unit,
    )
    sr_items.below(
        made[0],
        *_range(measurement),
        *_uncertainty(measurement),
        *comparison(measurement, analysis),
        *_segments(measurement, segmentation),
        *_full_name(measurement),
    )
    return made


def has_range(measurement: Measurement) -> bool:
    """Return whether there is a range with at least one end."""
    normal = measurement.normal
    return normal is not None and (normal.low, normal.high) != (None, None)


def _range(measurement: Measurement) -> Iterator[ContentItem]:
    """Yield TID 312: for whom the range holds, with its limits, and who says so."""
    normal = measurement.normal
    if has_range(measurement) and normal is not None:
        said = f"{_span(normal, measurement)}: {normal.population}"
        described = sr_items.text(codes.DCM.NormalRangeDescription, said, PROPERTIES)
        yield sr_items.below(described, *_limits(normal, measurement))
        yield sr_items.text(codes.DCM.NormalRangeAuthority, normal.source, PROPERTIES)


def _span(normal: NormalRange, measurement: Measurement) -> str:
    unit = spaced_unit(measurement)
    if normal.low is None:
        return f"up to {normal.high:g}{unit}"
    return f"from {normal.low:g}" + (unit if normal.high is None else f" to {normal.high:g}{unit}")


def _limits(normal: NormalRange, measurement: Measurement) -> Iterator[ContentItem]:
    unit = dicom_code(measurement.unit)
    if normal.low is not None:
        yield sr_items.number(sr_codes.NORMAL_LOWER_LIMIT, normal.low, unit, PROPERTIES)
    if normal.high is not None:
        yield sr_items.number(sr_codes.NORMAL_UPPER_LIMIT, normal.high, unit, PROPERTIES)


def _uncertainty(measurement: Measurement) -> Iterator[ContentItem]:
    """Yield how far repeated measurements of this film reach to either side (CID 225)."""
    if measurement.interval is None or measurement.value is None:
        return
    low, high = (sr_items.rounded(end) for end in measurement.interval)
    unit = dicom_code(measurement.unit)
    said = f"{low:g} to {high:g}{spaced_unit(measurement)} in 95 % of repeated measurements"
    above, under = high - measurement.value, measurement.value - low
    yield sr_items.below(
        sr_items.text(sr_codes.UNCERTAINTY, said, PROPERTIES),
        sr_items.number(sr_codes.UPPER_UNCERTAINTY, above, unit, PROPERTIES),
        sr_items.number(sr_codes.LOWER_UNCERTAINTY, under, unit, PROPERTIES),
    )


def _segments(
    measurement: Measurement, segmentation: ReferencedSegmentation
) -> Iterator[ContentItem]:
    """Yield the segments that the value was taken from, as far as the SEG holds them.

    None of a label map: dciodvfy does not know its SOP Class, and calls segment numbers in a
    reference to it an error. Its instances are evidence all the same.
    """
    if segmentation.sop_class_uid != SegmentationStorage:
        return
    for uid, numbers in segmentation.numbers_by_instance(measurement.segments).items():
        yield ImageContentItem(
            name=sr_codes.REFERENCED_SEGMENT,
            referenced_sop_class_uid=segmentation.sop_class_uid,
            referenced_sop_instance_uid=uid,
            referenced_segment_numbers=numbers,
            relationship_type=Relationship.INFERRED_FROM,
        )


def _full_name(measurement: Measurement) -> Iterator[ContentItem]:
    """Yield our name of the value where its code says less."""
    if measurement.name != measurement.code.meaning:
        how = Relationship.HAS_CONCEPT_MOD
        yield sr_items.text(sr_codes.EQUIVALENT_MEANING, measurement.name, how)
