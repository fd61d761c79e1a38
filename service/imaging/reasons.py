"""Every reason that reading an image can give; `docs/input.md` explains each to people."""

from enum import StrEnum


class Rejection(StrEnum):
    """Why an instance cannot be read (job state `rejected`)."""

    NOT_DICOM = "not_dicom"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    TOO_COMPLEX = "too_complex"
    TOO_LARGE = "too_large"
    UNSUPPORTED_TRANSFER_SYNTAX = "unsupported_transfer_syntax"
    MISSING_ATTRIBUTE = "missing_attribute"
    INVALID_ATTRIBUTE = "invalid_attribute"
    INVALID_UID = "invalid_uid"
    NO_PIXEL_DATA = "no_pixel_data"
    UNSUPPORTED_PIXEL_FORMAT = "unsupported_pixel_format"
    PIXEL_SIZE_MISMATCH = "pixel_size_mismatch"
    DECODE_FAILED = "decode_failed"
    DECODE_TIMEOUT = "decode_timeout"
    NOT_A_PICTURE = "not_a_picture"


class Ineligibility(StrEnum):
    """Why a readable instance is left alone (job state `skipped`)."""

    SOP_CLASS_NOT_SERVED = "sop_class_not_served"
    WRONG_MODALITY = "wrong_modality"
    NOT_A_RADIOGRAPH = "not_a_radiograph"
    NOT_HUMAN = "not_human"
    NOT_CHEST = "not_chest"
    UNSUPPORTED_VIEW = "unsupported_view"
    COLOUR = "colour"
    MULTI_FRAME = "multi_frame"
    TOO_SMALL = "too_small"


class Oddity(StrEnum):
    """What was met and put up with; repeated as a warning in the result."""

    UID_LEADING_ZERO = "uid_leading_zero"
    MODALITY_LUT_IGNORED = "modality_lut_ignored"
    RESCALE_IGNORED = "rescale_ignored"
    VOI_IGNORED = "voi_ignored"
    POLARITY_CONTRADICTION = "polarity_contradiction"
    FOR_PROCESSING = "for_processing"
    SPACING_IGNORED = "spacing_ignored"
    PIXELS_NOT_SQUARE = "pixels_not_square"
    NOT_UPRIGHT = "not_upright"
    VIEW_CONTRADICTION = "view_contradiction"
    BURNED_IN_ANNOTATION = "burned_in_annotation"
