"""A DICOM file as a radiograph: its header first, its pixels only once they are wanted."""

from pathlib import Path

from pydicom import Dataset, uid

from service.domain.identifiers import (
    InstanceReference,
    SeriesInstanceUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID,
    checked_uid,
    has_leading_zero,
)
from service.domain.image import SourceImage
from service.errors import RejectedInstance
from service.imaging.age import patient_is_under_16
from service.imaging.attributes import text, value
from service.imaging.decode import pixel_data_of, stored_values
from service.imaging.geometry import pixel_spacing, spacing_oddities
from service.imaging.limits import DEFAULT_LIMITS, DecodeLimits
from service.imaging.orientation import (
    orientation_oddities,
    patient_left_is_on_image_right,
    view_position,
)
from service.imaging.part10 import open_part10
from service.imaging.pixel_description import describe_pixels
from service.imaging.pixels import dense_is_bright
from service.imaging.reasons import Oddity, Rejection

__all__ = ["DEFAULT_LIMITS", "DecodeLimits", "read_header", "read_image", "reference_of"]


def read_header(path: Path, limits: DecodeLimits = DEFAULT_LIMITS) -> Dataset:
    """Return the header without pixel data; its four UIDs are present and usable.

    Bounded in size, number of elements and depth. Raises RejectedInstance: not_dicom, truncated,
    malformed, too_complex, too_large, unsupported_transfer_syntax, missing_attribute, invalid_uid.
    """
    header = open_part10(path, limits).header
    reference_of(header)
    return header


def reference_of(header: Dataset) -> InstanceReference:
    """Return which instance this is; raises RejectedInstance (missing_attribute, invalid_uid)."""
    return InstanceReference(
        StudyInstanceUID(_uid(header, "StudyInstanceUID")),
        SeriesInstanceUID(_uid(header, "SeriesInstanceUID")),
        SOPInstanceUID(_uid(header, "SOPInstanceUID")),
        SOPClassUID(_uid(header, "SOPClassUID")),
    )


def read_image(path: Path, header: Dataset, limits: DecodeLimits = DEFAULT_LIMITS) -> SourceImage:
    """Return the picture of the file whose header `read_header` gave; bright = dense.

    Sizes are compared with each other and with the limits before anything is allocated; codecs
    run in a child process with limits of its own. Raises RejectedInstance: missing_attribute,
    invalid_attribute, unsupported_pixel_format, no_pixel_data, pixel_size_mismatch, too_large,
    truncated, decode_failed, decode_timeout; OutOfResources when no child can be run.
    """
    file = open_part10(path, limits)
    pixel_data_of(file)
    description = describe_pixels(header)
    stored = stored_values(path, file, description, limits)
    is_little_endian = file.transfer_syntax_uid != uid.ExplicitVRBigEndian
    pixels, oddities = dense_is_bright(stored, header, is_little_endian=is_little_endian)
    reference = reference_of(header)
    return SourceImage(
        reference=reference,
        pixels=pixels,
        spacing=pixel_spacing(header),
        view=view_position(header),
        patient_left_is_on_image_right=patient_left_is_on_image_right(header),
        warnings=(*oddities, *_header_oddities(header, reference)),
        patient_is_under_16=patient_is_under_16(header),
    )


def _header_oddities(header: Dataset, reference: InstanceReference) -> tuple[Oddity, ...]:
    uids = (reference.study_instance_uid, reference.series_instance_uid)
    has_zero = any(has_leading_zero(each) for each in (*uids, reference.sop_instance_uid))
    is_burned = text(header, "BurnedInAnnotation") == "YES"
    return (
        *((Oddity.UID_LEADING_ZERO,) * has_zero),
        *spacing_oddities(header),
        *orientation_oddities(header),
        *((Oddity.BURNED_IN_ANNOTATION,) * is_burned),
    )


def _uid(header: Dataset, keyword: str) -> str:
    found = value(header, keyword)
    if found is None:
        raise RejectedInstance(f"{keyword} is missing", code=Rejection.MISSING_ATTRIBUTE)
    return checked_uid(str(found), keyword)
