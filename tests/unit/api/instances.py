"""Radiographs as request bodies."""

from io import BytesIO

from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from tests.builders import build_dx


def part10(**keywords: object) -> bytes:
    """Return a drawn chest as the bytes of a Part 10 file; None removes an attribute."""
    dataset, stream = build_dx(**keywords), BytesIO()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "2.25.1")
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
