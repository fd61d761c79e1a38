"""Key Object Selection: says which pictures a report should carry, the film and its overlay."""

import highdicom as hd
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import SecondaryCaptureImageStorage

from service.domain.analysis import Analysis, ObjectKind
from service.encoders import source_header
from service.encoders.derived_uids import object_identity
from service.encoders.equipment import (
    MANUFACTURER,
    NOT_FOR_DIAGNOSIS,
    contributing_equipment,
    device_observer,
)
from service.encoders.referenced_requests import referenced_requests
from service.encoders.registry import ENCODERS, EncodingOptions
from service.encoders.series import complete, series_number

# "Of Interest" would be a finding, and nobody has looked at the film yet.
_TITLE = codes.DCM.ForReportAttachment
_DESCRIPTION = (
    f"{NOT_FOR_DIAGNOSIS.capitalize()}. The radiograph, and the picture of it with outlines and "
    "measurements."
)


@ENCODERS.register(ObjectKind.KOS)
def encode_key_objects(analysis: Analysis, header: Dataset, options: EncodingOptions) -> Dataset:
    """Return a Key Object Selection of the secondary capture and the source, in this order."""
    source = source_header.copyable_header(header, analysis.image.reference)
    source.Rows, source.Columns = analysis.image.rows, analysis.image.columns
    capture = _secondary_capture(analysis, options)
    identity = object_identity(ObjectKind.KOS, analysis, options)
    made = hd.ko.KeyObjectSelectionDocument(
        evidence=[source, capture],
        content=hd.ko.KeyObjectSelection(
            document_title=_TITLE,
            referenced_objects=[capture, source],
            observer_device_context=device_observer(analysis.model, options),
            description=_DESCRIPTION,
        ),
        series_instance_uid=identity.series_instance_uid,
        series_number=series_number(ObjectKind.KOS, source),
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=1,
        manufacturer=MANUFACTURER,
        requested_procedures=referenced_requests(source),
        contributing_equipment=contributing_equipment(source, analysis),
    )
    made.copy_patient_and_study_information(source)
    return complete(made, ObjectKind.KOS, analysis, source, options)


def _secondary_capture(analysis: Analysis, options: EncodingOptions) -> Dataset:
    """Return what a reference to the secondary capture needs; it need not have been made.

    The size only tells highdicom that it is an image.
    """
    identity = object_identity(ObjectKind.SC, analysis, options)
    capture = Dataset()
    capture.StudyInstanceUID = analysis.image.reference.study_instance_uid
    capture.SeriesInstanceUID = identity.series_instance_uid
    capture.SOPInstanceUID = identity.sop_instance_uid
    capture.SOPClassUID = SecondaryCaptureImageStorage
    capture.Rows, capture.Columns = analysis.image.rows, analysis.image.columns
    return capture
