from pathlib import Path

import pytest

from training.durable import sweep, whole_file, write_json


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "volume.nii.gz"
    with whole_file(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
        assert temporary.name.endswith("volume.nii.gz")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_goes_wrong_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"x": 1})
    before = path.read_text()

    def be_interrupted() -> None:
        with whole_file(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        be_interrupted()

    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]


def test_leftovers_are_swept_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "lateral").mkdir()
    for name in (
        "lateral/.part-1a2b3c4d-a.npz",
        ".part-1a2b3c4d-a.npz",
        "a.part.npz",
        "a.npz",
        "partial.json",
        "manifest.json",
    ):
        (tmp_path / name).touch()
    sweep(tmp_path)
    kept = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert kept == {"a.npz", "partial.json", "manifest.json"}
