"""Measurements -> DICOM SR: a Comprehensive SR with TID 1500 and nothing but TID 1410 groups."""

import highdicom as hd
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from service.domain.analysis import Analysis, ObjectKind
from service.encoders import sr_codes, sr_evidence, sr_findings, sr_library
from service.encoders.derived_uids import object_identity, tracking_uid
from service.encoders.equipment import (
    MANUFACTURER,
    device_observer,
    measurement_algorithm,
    processing_equipment,
)
from service.encoders.referenced_requests import referenced_requests
from service.encoders.registry import ENCODERS, EncodingOptions
from service.encoders.series import complete, series_number
from service.encoders.sr_groups import DrawnGroup, drawn_groups, tracking_key
from service.encoders.sr_regions import region
from service.encoders.sr_segmentation import ReferencedSegmentation, referenced_segmentation
from service.encoders.sr_sites import finding_sites
from service.encoders.sr_values import measured_value


@ENCODERS.register(ObjectKind.SR)
def encode_report(analysis: Analysis, header: Dataset, options: EncodingOptions) -> Dataset:
    """Return a complete but unverified measurement report that names what it rests on."""
    source = sr_evidence.source_of(analysis, header)
    identity = object_identity(ObjectKind.SR, analysis, options)
    segmentation = referenced_segmentation(analysis, options)
    tree = _report(analysis, source, segmentation, options)[0]
    made = hd.sr.ComprehensiveSR(
        evidence=sr_evidence.evidence(analysis, source, segmentation),
        content=_bare(tree),
        series_instance_uid=identity.series_instance_uid,
        series_number=series_number(ObjectKind.SR, source),
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=True,
        is_verified=False,
        performed_procedure_codes=[sr_codes.PROCEDURE],
        requested_procedures=referenced_requests(source),
        previous_versions=sr_evidence.predecessors(analysis),
        contributing_equipment=[processing_equipment(analysis)],
    )
    made.ContentSequence = tree.ContentSequence
    return complete(made, ObjectKind.SR, analysis, source, options)


def _bare(tree: Dataset) -> Dataset:
    """Return the root of the content tree alone.

    highdicom copies and searches what it is given several times, which takes longer than making it;
    the tree is put in afterwards.
    """
    root = hd.sr.ContainerContentItem(name=tree.name, template_id="1500")
    root.ContentSequence = hd.sr.ContentSequence()
    return root


def _report(
    analysis: Analysis,
    source: Dataset,
    segmentation: ReferencedSegmentation,
    options: EncodingOptions,
) -> hd.sr.MeasurementReport:
    observer = device_observer(analysis.model, options)
    report = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_device_context=observer),
        procedure_reported=sr_codes.PROCEDURE,
        imaging_measurements=[
            _group(group, analysis, segmentation) for group in drawn_groups(analysis)
        ],
        title=codes.DCM.ImagingMeasurementReport,
        referenced_images=[sr_library.entry(source)],
    )
    sr_library.state_modality(report[0], source)
    report[0].ContentSequence.append(sr_findings.report_remarks(analysis))
    return report


def _group(
    group: DrawnGroup, analysis: Analysis, segmentation: ReferencedSegmentation
) -> hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations:
    key = tracking_key(group, analysis)
    made = hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(tracking_uid(analysis, key), key),
        referenced_region=region(group.points, analysis.image),
        algorithm_id=measurement_algorithm(analysis.model),
        finding_sites=finding_sites(group, analysis.segmentation),
        measurements=[measured_value(each, analysis, segmentation) for each in group.measurements],
        qualitative_evaluations=sr_findings.evaluations(group, analysis),
    )
    for remark in sr_findings.group_remarks(group):
        made[0].ContentSequence.append(remark)
    return made
