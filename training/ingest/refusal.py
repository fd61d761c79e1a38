"""Why a volume is left out: one name each, so that reasons can be counted and searched."""

from enum import StrEnum


class Reason(StrEnum):
    """What readers refuse; what gates refuse carries the gate's name."""

    UNREADABLE = "unreadable"
    TRUNCATED = "truncated"
    UNDECODABLE = "undecodable"
    NOT_CT = "not_ct"
    NOT_A_VOLUME = "not_a_volume"
    LOCALIZER = "localizer"
    COLOUR = "colour"
    NO_GEOMETRY = "no_geometry"
    MIXED_ORIENTATION = "mixed_orientation"
    MIXED_SPACING = "mixed_spacing"
    DUPLICATE_POSITIONS = "duplicate_positions"
    UNEVEN_POSITIONS = "uneven_positions"
    MISSING_SLICES = "missing_slices"
    TOO_FEW_SLICES = "too_few_slices"
    HU_SCALE = "hu_scale"
    LABELS_UNREADABLE = "labels_unreadable"
    LABELS_DO_NOT_FIT = "labels_do_not_fit"
    NO_METADATA = "no_metadata"


class Refused(ValueError):
    """A volume that cannot be used; `reason` names why, the message says more, never of whom."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
