"""The head of a Part 10 file (PS3.10 section 7.1), for data sets that come without one."""

from pydicom.dataset import FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import UID

from service import __version__

IMPLEMENTATION_CLASS_UID = "2.25.173639605252591262307660845661004208908"
IMPLEMENTATION_VERSION_NAME = f"THORAX_{__version__}"[:16]
PREAMBLE = b"\0" * 128 + b"DICM"


def part10_head(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """Return preamble, prefix and File Meta Information; the data set's bytes follow."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(sop_class_uid)
    meta.MediaStorageSOPInstanceUID = UID(sop_instance_uid)
    meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    encoded = DicomBytesIO()
    write_file_meta_info(encoded, meta)
    return PREAMBLE + encoded.getvalue()
