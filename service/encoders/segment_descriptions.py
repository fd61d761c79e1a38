"""What a segmentation says of each structure: codes, side, colour, model, tracking."""

from collections.abc import Iterable

import highdicom as hd
from highdicom.color import CIELabColor
from pydicom.sr.codedict import codes

from service.domain.analysis import Analysis
from service.domain.segmentation import Laterality, Segment
from service.encoders.coding import dicom_code
from service.encoders.derived_uids import tracking_uid
from service.encoders.equipment import segmentation_algorithm
from service.encoders.segments import Described

_SIDES = {Laterality.RIGHT: codes.SCT.Right, Laterality.LEFT: codes.SCT.Left}


def descriptions(
    structures: Iterable[Described], analysis: Analysis
) -> list[hd.seg.SegmentDescription]:
    """Return one item of Segment Sequence for each structure."""
    return [_description(each.number, each.segment, analysis) for each in structures]


def _description(number: int, segment: Segment, analysis: Analysis) -> hd.seg.SegmentDescription:
    described = hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=segment.label,
        segmented_property_category=dicom_code(segment.category),
        segmented_property_type=dicom_code(segment.type),
        algorithm_type="AUTOMATIC",
        algorithm_identification=segmentation_algorithm(analysis, segment.key),
        tracking_uid=tracking_uid(analysis, segment.key),
        tracking_id=segment.key,
        display_color=CIELabColor.from_rgb(*segment.colour_rgb),
    )
    modifiers = [dicom_code(modifier) for modifier in segment.modifiers]
    if segment.laterality is not None:
        modifiers.append(_SIDES[segment.laterality])
    if modifiers:
        kind = described.SegmentedPropertyTypeCodeSequence[0]
        kind.SegmentedPropertyTypeModifierCodeSequence = [
            hd.sr.CodedConcept.from_code(modifier) for modifier in modifiers
        ]
    return described
