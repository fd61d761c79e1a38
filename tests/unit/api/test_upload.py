from itertools import count
from pathlib import Path

import pytest

from service.api.problems import Problem
from service.api.upload import MAXIMUM_FILES, Upload


@pytest.fixture
def upload(tmp_path: Path) -> Upload:
    numbers = count()
    return Upload(lambda: tmp_path / str(next(numbers)))


def test_files_hold_what_was_written_in_order(upload: Upload) -> None:
    with upload:
        for content in (b"one", b"two"):
            upload.begin_file()
            upload.write(content[:1])
            upload.write(content[1:])
            upload.finish_file()

        assert [file.path.read_bytes() for file in upload.files] == [b"one", b"two"]


def test_what_the_intake_did_not_take_is_removed(upload: Upload, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    with upload:
        for _ in range(2):
            upload.begin_file()
        upload.files[0].path.rename(taken)

    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_files_are_removed_when_a_request_fails(upload: Upload, tmp_path: Path) -> None:
    def fail() -> None:
        with upload:
            upload.begin_file()
            upload.write(b"half of it")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert not list(tmp_path.iterdir())


def test_a_form_of_very_many_files_is_refused(upload: Upload, tmp_path: Path) -> None:
    with upload:
        for _ in range(MAXIMUM_FILES):
            upload.begin_file()
        with pytest.raises(Problem) as refused:
            upload.begin_file()

    assert (refused.value.status, refused.value.code) == (413, "too_many_files")
    assert not list(tmp_path.iterdir())
