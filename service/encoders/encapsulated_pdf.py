"""The page for people as an Encapsulated PDF, for archives that keep documents."""

from highdicom.base import SOPClass
from highdicom.sr import CodedConcept
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian

from service import __version__
from service.domain.analysis import Analysis, ObjectKind
from service.encoders import source_header
from service.encoders.derived_uids import object_identity
from service.encoders.equipment import MANUFACTURER, contributing_equipment
from service.encoders.registry import ENCODERS, EncodingOptions
from service.encoders.report_page import render_page
from service.encoders.series import complete, series_description, series_number


@ENCODERS.register(ObjectKind.PDF)
def encode_page(analysis: Analysis, header: Dataset, options: EncodingOptions) -> Dataset:
    """Return an Encapsulated PDF of one page; it names the patient, so Burned In Annotation YES."""
    source = source_header.copyable_header(header, analysis.image.reference)
    identity = object_identity(ObjectKind.PDF, analysis, options)
    made = SOPClass(
        study_instance_uid=source.StudyInstanceUID,
        series_instance_uid=identity.series_instance_uid,
        series_number=series_number(ObjectKind.PDF, source),
        sop_instance_uid=identity.sop_instance_uid,
        sop_class_uid=EncapsulatedPDFStorage,
        instance_number=1,
        modality="DOC",
        manufacturer=MANUFACTURER,
        manufacturer_model_name=analysis.model.name,
        software_versions=__version__,
        device_serial_number=options.device_uid,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        patient_id=source.PatientID,
        patient_name=source.PatientName,
        patient_birth_date=source.PatientBirthDate,
        patient_sex=source.PatientSex,
        study_id=source.StudyID,
        study_date=source.StudyDate,
        study_time=source.StudyTime,
        accession_number=source.AccessionNumber,
        referring_physician_name=source.ReferringPhysicianName,
        specific_character_set=source.SpecificCharacterSet,
    )
    made.copy_patient_and_study_information(source)
    made.ContributingEquipmentSequence = contributing_equipment(source, analysis)
    _describe(made, analysis)
    _enclose(made, render_page(analysis, source))
    return complete(made, ObjectKind.PDF, analysis, source, options)


def _describe(made: Dataset, analysis: Analysis) -> None:
    made.ConversionType = "WSD"
    made.AcquisitionDateTime = ""
    made.BurnedInAnnotation = "YES"
    made.DocumentTitle = series_description(ObjectKind.PDF)
    made.ConceptNameCodeSequence = [CodedConcept.from_code(codes.DCM.ImagingMeasurementReport)]
    made.VerificationFlag = "UNVERIFIED"
    reference = Dataset()
    reference.ReferencedSOPClassUID = analysis.image.reference.sop_class_uid
    reference.ReferencedSOPInstanceUID = analysis.image.reference.sop_instance_uid
    made.SourceInstanceSequence = [reference]


def _enclose(made: Dataset, page: bytes) -> None:
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocumentLength = len(page)
    made.EncapsulatedDocument = page + b"\0" * (len(page) % 2)
