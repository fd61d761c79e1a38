from io import BytesIO
from pathlib import Path

from pydicom import dcmread

from service.dimse.part10 import IMPLEMENTATION_CLASS_UID, part10_head
from tests.builders import build_dx, write_part10


def test_a_data_set_behind_the_head_is_a_part_10_file(tmp_path: Path) -> None:
    dataset = build_dx()
    path = write_part10(dataset, tmp_path / "film.dcm")
    content = path.read_bytes()
    data_set = content[content.index(b"\x08\x00\x05\x00CS") :]
    syntax = dataset.file_meta.TransferSyntaxUID

    head = part10_head(dataset.SOPClassUID, dataset.SOPInstanceUID, syntax)
    read = dcmread(BytesIO(head + data_set))

    assert read == dataset
    assert read.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID
    assert read.file_meta.TransferSyntaxUID == syntax
    assert read.file_meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID


def test_our_implementation_class_uid_is_valid() -> None:
    assert len(IMPLEMENTATION_CLASS_UID) <= 64
    assert IMPLEMENTATION_CLASS_UID.startswith("2.25.")
