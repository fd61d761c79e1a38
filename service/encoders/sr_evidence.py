"""What the report rests on: source, SEG, prior image, the orders, and the report it replaces."""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage, SegmentationStorage

from service.domain.analysis import Analysis, ObjectKind
from service.encoders import source_header
from service.encoders.derived_uids import object_identity
from service.encoders.registry import EncodingOptions, SegForm
from service.encoders.segments import described
from service.encoders.sr_values import ReferencedSegmentation
from service.errors import NothingToEncode


def source_of(analysis: Analysis, header: Dataset) -> Dataset:
    """Return the source's header as highdicom copies from it."""
    source = source_header.copyable_header(header, analysis.image.reference)
    source_header.remove_plane(source)
    source.Rows, source.Columns = analysis.image.rows, analysis.image.columns
    return source


def evidence(analysis: Analysis, source: Dataset, options: EncodingOptions) -> list[Dataset]:
    """Return all that the report refers to; of another study than ours, it is Pertinent Other."""
    return [source, *_segmentation(analysis, options), *_prior(analysis)]


def referenced_segmentation(analysis: Analysis, options: EncodingOptions) -> ReferencedSegmentation:
    """Return the SEG of this result with the number of each segment that it describes.

    A LABELMAP may be several instances; values then refer to none of them.
    """
    identity = object_identity(ObjectKind.SEG, analysis, options)
    numbers = {} if options.seg_form is SegForm.LABELMAP else _numbers(analysis, options)
    return ReferencedSegmentation(SegmentationStorage, identity.sop_instance_uid, numbers)


def _numbers(analysis: Analysis, options: EncodingOptions) -> dict[str, int]:
    try:
        structures = described(analysis.segmentation, options.segments)
    except NothingToEncode:
        return {}
    return {each.segment.key: each.number for each in structures}


def _segmentation(analysis: Analysis, options: EncodingOptions) -> Iterator[Dataset]:
    if referenced_segmentation(analysis, options).numbers:
        identity = object_identity(ObjectKind.SEG, analysis, options)
        yield _referenced(
            analysis.image.reference.study_instance_uid,
            identity.series_instance_uid,
            identity.sop_instance_uid,
            SegmentationStorage,
        )


def predecessors(analysis: Analysis) -> list[Dataset] | None:
    """Return the reports that this one replaces: Predecessor Documents (PS3.3 C.17.2)."""
    superseded = analysis.superseded
    if superseded is None:
        return None
    return [
        _referenced(
            superseded.study_instance_uid,
            report.series_instance_uid,
            report.sop_instance_uid,
            report.sop_class_uid,
        )
        for report in superseded.of_class(ComprehensiveSRStorage)
    ] or None


def _prior(analysis: Analysis) -> Iterator[Dataset]:
    if analysis.prior is not None:
        reference = analysis.prior.reference
        yield _referenced(
            reference.study_instance_uid,
            reference.series_instance_uid,
            reference.sop_instance_uid,
            reference.sop_class_uid,
        )


def _referenced(study: str, series: str, instance: str, sop_class: str) -> Dataset:
    reference = Dataset()
    reference.StudyInstanceUID, reference.SeriesInstanceUID = study, series
    reference.SOPInstanceUID, reference.SOPClassUID = instance, sop_class
    return reference
