"""The SEG of the same result, as the report refers to it."""

from dataclasses import dataclass

from pydicom.uid import SegmentationStorage

from service.dimse.negotiation import LABEL_MAP_SEGMENTATION_STORAGE
from service.domain.analysis import Analysis, ObjectKind
from service.encoders.derived_uids import layer_identity, object_identity
from service.encoders.registry import EncodingOptions, SegForm
from service.encoders.segments import described, layers, numbered
from service.errors import NothingToEncode


@dataclass(frozen=True, slots=True)
class SegmentReference:
    """One segment: the instance that describes it and its Segment Number there."""

    sop_instance_uid: str
    number: int


@dataclass(frozen=True, slots=True)
class ReferencedSegmentation:
    """A SEG, one instance or the layers of a LABELMAP; `segments` by key, those that it has."""

    sop_class_uid: str
    series_instance_uid: str
    segments: dict[str, SegmentReference]

    @property
    def instances(self) -> tuple[str, ...]:
        """Return the SOP Instance UIDs, each once, in the order of their segments."""
        return tuple(dict.fromkeys(each.sop_instance_uid for each in self.segments.values()))

    def numbers_by_instance(self, keys: tuple[str, ...]) -> dict[str, list[int]]:
        """Return the Segment Numbers of these segments for each instance that has one of them."""
        found: dict[str, list[int]] = {}
        for reference in (self.segments[key] for key in keys if key in self.segments):
            found.setdefault(reference.sop_instance_uid, []).append(reference.number)
        return found


def referenced_segmentation(analysis: Analysis, options: EncodingOptions) -> ReferencedSegmentation:
    """Return the SEG that these options give; without segments when there is nothing to encode."""
    labelmap = options.seg_form is SegForm.LABELMAP
    identity = object_identity(ObjectKind.SEG, analysis, options)
    try:
        segments = _in_layers(analysis, options) if labelmap else _in_one(analysis, options)
    except NothingToEncode:
        segments = {}
    sop_class = LABEL_MAP_SEGMENTATION_STORAGE if labelmap else SegmentationStorage
    return ReferencedSegmentation(sop_class, identity.series_instance_uid, segments)


def _in_one(analysis: Analysis, options: EncodingOptions) -> dict[str, SegmentReference]:
    uid = object_identity(ObjectKind.SEG, analysis, options).sop_instance_uid
    chosen = numbered(analysis.segmentation.segments, options.segments)
    return {segment.key: SegmentReference(uid, number) for number, segment in chosen}


def _in_layers(analysis: Analysis, options: EncodingOptions) -> dict[str, SegmentReference]:
    identity = object_identity(ObjectKind.SEG, analysis, options)
    groups = layers(described(analysis.segmentation, options.segments))
    return {
        each.segment.key: SegmentReference(
            layer_identity(identity, place).sop_instance_uid, each.number
        )
        for place, group in enumerate(groups, start=1)
        for each in group
    }
