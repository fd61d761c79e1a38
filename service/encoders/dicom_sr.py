"""Measurements -> DICOM SR: a Comprehensive SR with TID 1500 and nothing but TID 1410 groups."""

import highdicom as hd
import numpy as np
from highdicom.sr.value_types import ContainerContentItem, ContentSequence, TextContentItem
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code as DicomCode
from pydicom.uid import SegmentationStorage

from service.domain.analysis import Analysis, ObjectKind
from service.domain.image import SpacingProvenance
from service.domain.measurement import Measurement, Point
from service.encoders import source_header
from service.encoders.coding import dicom_code, private_schemes
from service.encoders.derived_uids import object_identity, tracking_uid
from service.encoders.equipment import (
    MANUFACTURER,
    NOT_FOR_DIAGNOSIS,
    device_observer,
    measurement_algorithm,
    processing_equipment,
)
from service.encoders.referenced_requests import referenced_requests
from service.encoders.registry import ENCODERS, EncodingOptions
from service.encoders.series import complete, series_number
from service.encoders.sr_groups import DrawnGroup, drawn_groups, refused, tracking_key

_PROCEDURE = DicomCode("399208008", "SCT", "Plain chest X-ray")
_QUALITATIVE = DicomCode("C0034375", "UMLS", "Qualitative Evaluations")
_COMMENT = DicomCode("121106", "DCM", "Comment")
_SPACING_TEXTS = {
    SpacingProvenance.CALIBRATED: "Pixel Spacing, calibrated",
    SpacingProvenance.MAGNIFICATION_CORRECTED: (
        "Imager Pixel Spacing, corrected for the stated magnification"
    ),
    SpacingProvenance.DETECTOR_PLANE: (
        "Imager Pixel Spacing: at the detector plane, larger than in the patient"
    ),
    SpacingProvenance.PIXEL_SPACING_UNSTATED: "Pixel Spacing, its calibration not stated",
    SpacingProvenance.CALLER: "given by the caller",
}


@ENCODERS.register(ObjectKind.SR)
def encode_report(analysis: Analysis, header: Dataset, options: EncodingOptions) -> Dataset:
    """Return a complete but unverified measurement report that names source and SEG as evidence."""
    source = _source(analysis, header)
    identity = object_identity(ObjectKind.SR, analysis, options)
    made = hd.sr.ComprehensiveSR(
        evidence=[source, _segmentation_reference(analysis, options)],
        content=_report(analysis, source, options)[0],
        series_instance_uid=identity.series_instance_uid,
        series_number=series_number(ObjectKind.SR, source),
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=True,
        is_verified=False,
        performed_procedure_codes=[_PROCEDURE],
        requested_procedures=referenced_requests(source),
        coding_schemes=private_schemes(analysis),
        contributing_equipment=[processing_equipment(analysis)],
    )
    return complete(made, ObjectKind.SR, analysis, source, options)


def _source(analysis: Analysis, header: Dataset) -> Dataset:
    source = source_header.copyable_header(header, analysis.image.reference)
    source_header.remove_plane(source)
    source.Rows, source.Columns = analysis.image.rows, analysis.image.columns
    return source


def _segmentation_reference(analysis: Analysis, options: EncodingOptions) -> Dataset:
    identity = object_identity(ObjectKind.SEG, analysis, options)
    reference = Dataset()
    reference.StudyInstanceUID = analysis.image.reference.study_instance_uid
    reference.SeriesInstanceUID = identity.series_instance_uid
    reference.SOPInstanceUID = identity.sop_instance_uid
    reference.SOPClassUID = SegmentationStorage
    return reference


def _report(
    analysis: Analysis, source: Dataset, options: EncodingOptions
) -> hd.sr.MeasurementReport:
    observer = device_observer(analysis.model, options)
    report = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_device_context=observer),
        procedure_reported=_PROCEDURE,
        imaging_measurements=[_group(group, analysis) for group in drawn_groups(analysis)],
        title=codes.DCM.ImagingMeasurementReport,
        referenced_images=[_library_entry(source)],
    )
    report[0].ContentSequence.append(_remarks(analysis))
    return report


def _library_entry(source: Dataset) -> Dataset:
    """Return what the image library says of the source: modality and size.

    highdicom would want Imager Pixel Spacing and a Patient Orientation of every radiograph; many
    have neither, and the pixel size that counts stands beside the values made with it.
    """
    entry = Dataset()
    entry.SOPClassUID, entry.SOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    entry.Rows, entry.Columns, entry.Modality = source.Rows, source.Columns, "OT"
    return entry


def _group(
    group: DrawnGroup, analysis: Analysis
) -> hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations:
    key = tracking_key(group, analysis)
    made = hd.sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(tracking_uid(analysis, key), key),
        referenced_region=_region(group.points, analysis),
        algorithm_id=measurement_algorithm(analysis.model),
        finding_sites=_finding_sites(group),
        measurements=[_measurement(measurement) for measurement in group.measurements],
    )
    for remark in _provenance_remarks(group):
        made[0].ContentSequence.append(_text(_COMMENT, remark))
    return made


def _finding_sites(group: DrawnGroup) -> list[hd.sr.FindingSite]:
    sites = dict.fromkeys(measurement.finding_site for measurement in group.measurements)
    return [hd.sr.FindingSite(dicom_code(site)) for site in sites]


def _region(points: tuple[Point, ...], analysis: Analysis) -> hd.sr.ImageRegion:
    image = analysis.image
    return hd.sr.ImageRegion(
        graphic_type=(
            hd.sr.GraphicTypeValues.POINT if len(points) == 1 else hd.sr.GraphicTypeValues.POLYLINE
        ),
        graphic_data=graphic_data(points, image.rows, image.columns),
        source_image=hd.sr.SourceImageForRegion(
            referenced_sop_class_uid=image.reference.sop_class_uid,
            referenced_sop_instance_uid=image.reference.sop_instance_uid,
        ),
    )


def graphic_data(points: tuple[Point, ...], rows: int, columns: int) -> NDArray[np.float64]:
    """Return (column, row) pairs from the image's top left corner (PS3.3 C.18.6.1.2).

    Our points count from the first pixel's centre, which is (0.5, 0.5) there.
    """
    column_row = np.asarray(points, dtype=np.float64)[:, ::-1] + 0.5
    bounded: NDArray[np.float64] = np.clip(column_row, 0, (columns, rows))
    return bounded


def _measurement(measurement: Measurement) -> hd.sr.Measurement:
    return hd.sr.Measurement(
        name=dicom_code(measurement.code),
        value=round(measurement.value or 0.0, 4),
        unit=dicom_code(measurement.unit),
    )


def _provenance_remarks(group: DrawnGroup) -> list[str]:
    """Return where the group's millimetres come from, in words."""
    remarks = dict.fromkeys(m.qualifier for m in group.measurements if m.qualifier)
    known = {provenance.value: text for provenance, text in _SPACING_TEXTS.items()}
    return [f"Pixel size: {known[r]}" if r in known else r for r in remarks]


def _remarks(analysis: Analysis) -> ContainerContentItem:
    """Return the report's free text: its status, what was not measured and why, failed checks."""
    container = ContainerContentItem(
        name=_QUALITATIVE, relationship_type=hd.sr.RelationshipTypeValues.CONTAINS
    )
    container.ContentSequence = ContentSequence()
    container.ContentSequence.append(_text(_COMMENT, NOT_FOR_DIAGNOSIS.capitalize()))
    for measurement in refused(analysis):
        text = f"{measurement.name}: not measured, {measurement.reason}"
        container.ContentSequence.append(_text(dicom_code(measurement.code), text))
    for check in analysis.quality:
        if check.status != "passed":
            text = f"Quality check {check.check}: {check.status} ({check.value})"
            container.ContentSequence.append(_text(_COMMENT, text))
    return container


def _text(name: DicomCode, value: str) -> TextContentItem:
    return TextContentItem(
        name=name, value=value, relationship_type=hd.sr.RelationshipTypeValues.CONTAINS
    )
