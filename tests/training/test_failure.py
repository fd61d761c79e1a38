import pickle
from pathlib import Path

import pydicom
import pytest

from training.failure import DiskFull, Failure, without_paths


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("cannot read /data/DOE^JANE/ct.nii.gz: cut off", "cannot read <path>: cut off"),
        ("cannot read '/data/Jane Doe/ct.nii.gz'", "cannot read <path>"),
        ("no file patients/doe/1.dcm", "no file <path>"),
        (r"no file C:\scans\doe\1.dcm", "no file <path>"),
        ("3/5 of the lung\nis missing", "3/5 of the lung is missing"),
    ],
)
def test_paths_are_cut_out(said: str, kept: str) -> None:
    assert without_paths(said) == kept


def test_a_missing_file_is_not_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        (tmp_path / "DOE^JANE.nii").read_bytes()
    assert Failure.of(caught.value).reason == "FileNotFoundError: No such file or directory"


def test_what_a_library_quotes_from_a_header_is_not_repeated() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = pydicom.Dataset().PatientNam
    assert Failure.of(caught.value).reason == "AttributeError"


def test_the_place_in_our_code_is_named() -> None:
    from training.stage import fingerprint

    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="Circular") as caught:
        fingerprint(circle)
    assert Failure.of(caught.value).where.startswith("training.stage:")


def test_a_full_disk_is_the_same_error_in_another_process(tmp_path: Path) -> None:
    error = pickle.loads(pickle.dumps(DiskFull(tmp_path)))  # noqa: S301 - made in this line
    assert str(error) == str(DiskFull(tmp_path))
    assert error.errno == DiskFull(tmp_path).errno
