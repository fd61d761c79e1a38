import errno
from pathlib import Path
from typing import BinaryIO

import pytest

from service.errors import OutOfResources, RejectedInstance
from service.inbound.spooling import IncomingDataSet, ProtocolViolation


def incoming(path: Path, maximum_bytes: int = 1000) -> IncomingDataSet:
    def create() -> tuple[Path, BinaryIO]:
        return path, path.open("wb")

    return IncomingDataSet(create, maximum_bytes)


class FullDisk:
    """A file on a disk that is full when it comes to writing."""

    def __init__(self, path: Path, fails_at: str) -> None:
        self._file = path.open("wb")
        self._fails_at = fails_at

    def write(self, content: bytes) -> int:
        self._fail("write")
        return self._file.write(content)

    def flush(self) -> None:
        self._fail("flush")
        self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()
        self._fail("close")

    def _fail(self, step: str) -> None:
        if step == self._fails_at:
            raise OSError(errno.ENOSPC, "No space left on device")


def test_fragments_run_into_one_file(tmp_path: Path) -> None:
    data_set = incoming(tmp_path / "x")

    for fragment in (b"one", b"two", b"three"):
        data_set.write(fragment)
    data_set.seal()

    assert (tmp_path / "x").read_bytes() == b"onetwothree"


def test_no_file_is_made_before_the_first_byte(tmp_path: Path) -> None:
    data_set = incoming(tmp_path / "x")

    data_set.flush()
    data_set.discard()

    assert data_set.path is None
    assert not (tmp_path / "x").exists()


def test_an_object_over_its_limit_is_a_violation(tmp_path: Path) -> None:
    data_set = incoming(tmp_path / "x", maximum_bytes=5)
    data_set.write(b"12345")

    with pytest.raises(ProtocolViolation, match="object_too_large"):
        data_set.write(b"6")
    data_set.discard()


@pytest.mark.parametrize("step", ["write", "flush"])
def test_a_full_disk_is_out_of_resources_and_the_rest_is_swallowed(
    tmp_path: Path, step: str
) -> None:
    path = tmp_path / "x"
    data_set = IncomingDataSet(lambda: (path, FullDisk(path, step)), 1000)

    written = [data_set.write(b"12345") for _ in range(3)]

    assert written == [5, 5, 5]
    with pytest.raises(OutOfResources):
        data_set.seal()


def test_a_refusal_on_opening_is_kept_for_the_answer() -> None:
    def refuse() -> tuple[Path, BinaryIO]:
        raise RejectedInstance(code="invalid_uid")

    data_set = IncomingDataSet(refuse, 1000)

    data_set.write(b"12345")
    data_set.write(b"67890")

    assert data_set.failure is not None
    assert data_set.failure.code == "invalid_uid"


def test_discarding_deletes_the_file_unless_it_was_moved_away(tmp_path: Path) -> None:
    stays, moved = incoming(tmp_path / "stays"), incoming(tmp_path / "moved")
    for data_set in (stays, moved):
        data_set.write(b"content")
        data_set.seal()
    (tmp_path / "moved").rename(tmp_path / "kept")

    stays.discard()
    moved.discard()
    moved.discard()

    assert [each.name for each in tmp_path.iterdir()] == ["kept"]
