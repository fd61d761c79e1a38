"""One and the same segmentation in another transfer syntax: for a peer that takes no other.

Nothing but the encoding changes, so the instance keeps its UID (PS3.5 section 10, lossless).
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from service.encoders.pixel_frames import pixel_data

_SINGLE_BIT = (DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian)
_WHOLE_BYTES = (JPEGLSLossless, RLELossless, ExplicitVRLittleEndian)


def transfer_syntaxes(made: Dataset) -> tuple[UID, ...]:
    """Return what the segmentation may be given in, the smallest first, the plainest last."""
    return _SINGLE_BIT if made.BitsAllocated == 1 else _WHOLE_BYTES


def in_transfer_syntax(made: Dataset, transfer_syntax_uid: str) -> Dataset:
    """Return the segmentation in one of its `transfer_syntaxes`; ValueError for another.

    `made` is as it was encoded or as it was read from a file; it is not changed.
    """
    if transfer_syntax_uid not in transfer_syntaxes(made):
        raise ValueError(f"this segmentation is not written in {transfer_syntax_uid}")
    # Elements are shared, so what changes is a new element and not a new value of the old one.
    twin = Dataset()
    twin.update(made)
    twin.file_meta = FileMetaDataset()
    twin.file_meta.update(made.file_meta)
    twin.file_meta["TransferSyntaxUID"] = DataElement(
        "TransferSyntaxUID", "UI", UID(transfer_syntax_uid)
    )
    if made.BitsAllocated > 1 and transfer_syntax_uid != made.file_meta.TransferSyntaxUID:
        twin["PixelData"] = DataElement(
            "PixelData", "OB", pixel_data(_frames(made), transfer_syntax_uid)
        )
    return twin


def _frames(made: Dataset) -> Iterator[NDArray[np.uint8]]:
    if made.file_meta.TransferSyntaxUID.is_encapsulated:
        yield from iter_pixels(made)
        return
    size = int(made.Rows) * int(made.Columns)
    for number in range(int(made.NumberOfFrames)):
        frame = np.frombuffer(made.PixelData, np.uint8, size, number * size)
        yield frame.reshape(made.Rows, made.Columns)
