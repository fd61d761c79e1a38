"""What is negotiated on an association; docs/conformance.md repeats these tables."""

from collections.abc import Iterable

from pydicom import uid
from pynetdicom.presentation import PresentationContext, build_context

VERIFICATION = uid.UID("1.2.840.10008.1.1")
LABEL_MAP_SEGMENTATION_STORAGE = uid.UID("1.2.840.10008.5.1.4.1.1.66.7")
_NAMES = {LABEL_MAP_SEGMENTATION_STORAGE: "Label Map Segmentation Storage"}
"""Of UIDs that pydicom's dictionary does not have yet."""

RECEIVED_SOP_CLASSES: tuple[uid.UID, ...] = (
    uid.ComputedRadiographyImageStorage,
    uid.DigitalXRayImageStorageForPresentation,
    uid.DigitalXRayImageStorageForProcessing,
    uid.SecondaryCaptureImageStorage,
)
"""Radiographs as they are met: real films are often Secondary Capture with Modality CR or DX."""

SENT_SOP_CLASSES: tuple[uid.UID, ...] = (
    uid.SegmentationStorage,
    LABEL_MAP_SEGMENTATION_STORAGE,
    uid.ComprehensiveSRStorage,
    uid.SecondaryCaptureImageStorage,
    uid.GrayscaleSoftcopyPresentationStateStorage,
    uid.KeyObjectSelectionDocumentStorage,
    uid.EncapsulatedPDFStorage,
)

RECEIVED_TRANSFER_SYNTAXES: tuple[uid.UID, ...] = (
    uid.ExplicitVRLittleEndian,
    uid.ImplicitVRLittleEndian,
    uid.JPEG2000Lossless,
    uid.JPEGLSLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLossless,
    uid.RLELossless,
    uid.HTJ2KLossless,
    uid.HTJ2KLosslessRPCL,
    uid.JPEG2000,
    uid.HTJ2K,
    uid.JPEGLSNearLossless,
    uid.JPEGExtended12Bit,
    uid.JPEGBaseline8Bit,
    uid.ExplicitVRBigEndian,
)
"""All that can be decoded here, in our order of preference: plain, lossless, lossy.

Deflated syntaxes are left out on purpose: 2 MB of them inflate to 2 GB.
"""


def name_of(sop_class_or_syntax: str) -> str:
    """Return the name of a SOP Class or Transfer Syntax UID for people."""
    known = uid.UID(sop_class_or_syntax)
    return _NAMES.get(known) or known.name


def acceptor_contexts(
    sop_classes: Iterable[str] = RECEIVED_SOP_CLASSES,
) -> list[PresentationContext]:
    """Return Verification and each SOP class in every transfer syntax that we take."""
    syntaxes: list[str | uid.UID] = [*RECEIVED_TRANSFER_SYNTAXES]
    storage = [build_context(each, syntaxes) for each in sop_classes]
    return [build_context(VERIFICATION, [uid.ImplicitVRLittleEndian]), *storage]
