"""Which encodings of pixels can be read, and which codec reads them."""

from enum import StrEnum

from pydicom import uid


class Codec(StrEnum):
    """A decoder of the child process."""

    JPEG = "jpeg"
    JPEG_LS = "jpeg_ls"
    JPEG_2000 = "jpeg_2000"
    RLE = "rle"


NATIVE = frozenset(
    {uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian}
)

CODECS: dict[str, Codec] = {
    uid.JPEGBaseline8Bit: Codec.JPEG,
    uid.JPEGExtended12Bit: Codec.JPEG,
    uid.JPEGLossless: Codec.JPEG,
    uid.JPEGLosslessSV1: Codec.JPEG,
    uid.JPEGLSLossless: Codec.JPEG_LS,
    uid.JPEGLSNearLossless: Codec.JPEG_LS,
    uid.JPEG2000Lossless: Codec.JPEG_2000,
    uid.JPEG2000: Codec.JPEG_2000,
    uid.HTJ2KLossless: Codec.JPEG_2000,
    uid.HTJ2KLosslessRPCL: Codec.JPEG_2000,
    uid.HTJ2K: Codec.JPEG_2000,
    uid.RLELossless: Codec.RLE,
}

# Deflated syntaxes are left out on purpose: 2 MB of them inflate to 2 GB before the first tag.
READABLE_TRANSFER_SYNTAXES = NATIVE | frozenset(CODECS)
