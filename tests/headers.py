"""Source headers of every odd sort that results must be made for, and how they are encoded."""

from pydicom.dataset import Dataset

from service.domain.analysis import Analysis
from service.domain.identifiers import (
    InstanceReference,
    SeriesInstanceUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID,
)
from service.domain.image import PixelSpacing
from service.encoders.derived_uids import DEFAULT_DEVICE_UID
from service.encoders.registry import EncodingOptions, SegProfile
from tests.phantoms import CALIBRATED, phantom_analysis

VIEWER = EncodingOptions(SegProfile.VIEWER, DEFAULT_DEVICE_UID)
STRICT = EncodingOptions(SegProfile.STRICT, DEFAULT_DEVICE_UID)


def reference_of(header: Dataset) -> InstanceReference:
    """Return the header's identifiers as the intake would have read them."""
    return InstanceReference(
        StudyInstanceUID(str(header.StudyInstanceUID)),
        SeriesInstanceUID(str(header.SeriesInstanceUID)),
        SOPInstanceUID(str(header.SOPInstanceUID)),
        SOPClassUID(str(header.SOPClassUID)),
    )


def analysis_of(header: Dataset, spacing: PixelSpacing = CALIBRATED) -> Analysis:
    """Return the phantom's analysis as if it had been the image under this header."""
    return phantom_analysis(
        int(header.Rows), int(header.Columns), spacing=spacing, reference=reference_of(header)
    )
