"""What the header says of the pixels' layout, checked before anything trusts it."""

from dataclasses import dataclass

from pydicom import Dataset

from service.errors import RejectedInstance
from service.imaging.attributes import number, text, whole_number
from service.imaging.limits import DecodeLimits
from service.imaging.reasons import Rejection

MAXIMUM_SIDE = 65535
_BITS_ALLOCATED = (8, 16)


@dataclass(frozen=True, slots=True)
class PixelDescription:
    """Layout of one greyscale frame (PS3.3 C.7.6.3). All numbers have been checked."""

    rows: int
    columns: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool

    @property
    def pixels(self) -> int:
        """Return the number of pixels."""
        return self.rows * self.columns

    @property
    def size_bytes(self) -> int:
        """Return the size of the native encoding, without padding."""
        return self.pixels * self.bits_allocated // 8


def describe_pixels(header: Dataset) -> PixelDescription:
    """Return the layout.

    Raises RejectedInstance: missing_attribute, invalid_attribute, and unsupported_pixel_format
    for anything but one greyscale frame of 8 or 16 bits.
    """
    _check_one_grey_frame(header)
    bits_allocated = whole_number(header, "BitsAllocated", 1, 64)
    if bits_allocated not in _BITS_ALLOCATED:
        raise RejectedInstance(
            "BitsAllocated is neither 8 nor 16", code=Rejection.UNSUPPORTED_PIXEL_FORMAT
        )
    bits_stored = whole_number(header, "BitsStored", 1, bits_allocated)
    return PixelDescription(
        rows=whole_number(header, "Rows", 1, MAXIMUM_SIDE),
        columns=whole_number(header, "Columns", 1, MAXIMUM_SIDE),
        bits_allocated=bits_allocated,
        bits_stored=bits_stored,
        high_bit=whole_number(header, "HighBit", bits_stored - 1, bits_allocated - 1),
        is_signed=bool(whole_number(header, "PixelRepresentation", 0, 1)),
    )


def check_size(description: PixelDescription, limits: DecodeLimits) -> None:
    """Raise RejectedInstance(too_large) when the picture has more pixels than allowed."""
    if description.pixels > limits.pixels:
        raise RejectedInstance("Rows times Columns is too large", code=Rejection.TOO_LARGE)


def _check_one_grey_frame(header: Dataset) -> None:
    samples = whole_number(header, "SamplesPerPixel", 1, MAXIMUM_SIDE)
    photometric = text(header, "PhotometricInterpretation")
    if not photometric:
        raise RejectedInstance(
            "PhotometricInterpretation is missing", code=Rejection.MISSING_ATTRIBUTE
        )
    is_grey = photometric in ("MONOCHROME1", "MONOCHROME2") and samples == 1
    if not is_grey or number(header, "NumberOfFrames") > 1:
        raise RejectedInstance(
            "not a single greyscale frame", code=Rejection.UNSUPPORTED_PIXEL_FORMAT
        )
