"""What the report rests on: source, SEG, prior image, the orders, and the report it replaces."""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage

from service.domain.analysis import Analysis
from service.encoders import source_header
from service.encoders.sr_segmentation import ReferencedSegmentation


def source_of(analysis: Analysis, header: Dataset) -> Dataset:
    """Return the source's header as highdicom copies from it."""
    source = source_header.copyable_header(header, analysis.image.reference)
    source_header.remove_plane(source)
    source.Rows, source.Columns = analysis.image.rows, analysis.image.columns
    return source


def evidence(
    analysis: Analysis, source: Dataset, segmentation: ReferencedSegmentation
) -> list[Dataset]:
    """Return all that the report refers to; of another study than ours, it is Pertinent Other."""
    return [source, *_segmentation(analysis, segmentation), *_prior(analysis)]


def _segmentation(analysis: Analysis, segmentation: ReferencedSegmentation) -> Iterator[Dataset]:
    for sop_instance_uid in segmentation.instances:
        yield _referenced(
            analysis.image.reference.study_instance_uid,
            segmentation.series_instance_uid,
            sop_instance_uid,
            segmentation.sop_class_uid,
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
