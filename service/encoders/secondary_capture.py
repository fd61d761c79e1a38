"""The overlay picture as a Secondary Capture, for receivers that show neither SEG nor SR."""

import highdicom as hd
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from service.domain.analysis import Analysis, ObjectKind
from service.encoders import source_header
from service.encoders.derived_uids import object_identity
from service.encoders.equipment import (
    MANUFACTURER,
    NOT_FOR_DIAGNOSIS,
    processing_equipment,
)
from service.encoders.overlay import render_overlay
from service.encoders.registry import ENCODERS, EncodingOptions
from service.encoders.series import complete, series_number

_ANY_ORIENTATION = ("L", "F")


@ENCODERS.register(ObjectKind.SC)
def encode_secondary_capture(
    analysis: Analysis, header: Dataset, options: EncodingOptions
) -> Dataset:
    """Return an RGB Secondary Capture of the overlay, smaller than the film and without a spacing.

    Without a spacing no viewer offers to measure millimetres on it.
    """
    source = source_header.copyable_header(header, analysis.image.reference)
    identity = object_identity(ObjectKind.SC, analysis, options)
    made = hd.sc.SCImage.from_ref_dataset(
        ref_dataset=source,
        pixel_array=render_overlay(analysis),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        series_instance_uid=identity.series_instance_uid,
        series_number=series_number(ObjectKind.SC, source),
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=1,
        manufacturer=MANUFACTURER,
        patient_orientation=_ANY_ORIENTATION,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        contributing_equipment=[processing_equipment(analysis)],
    )
    _describe(made, source)
    return complete(made, ObjectKind.SC, analysis, source, options)


def _describe(made: hd.sc.SCImage, source: Dataset) -> None:
    """Say whose and what the picture is; highdicom wants an orientation, many films have none."""
    made.copy_patient_and_study_information(source)
    made.PatientOrientation = source.PatientOrientation
    made.ConversionType = "WSD"
    made.ImageType = ["DERIVED", "SECONDARY"]
    made.BurnedInAnnotation = "YES"
    made.ImageComments = NOT_FOR_DIAGNOSIS.capitalize()
    made.DerivationDescription = "Outlines and measurements drawn over the source image"
    reference = Dataset()
    reference.ReferencedSOPClassUID = source.SOPClassUID
    reference.ReferencedSOPInstanceUID = source.SOPInstanceUID
    made.SourceImageSequence = [reference]
