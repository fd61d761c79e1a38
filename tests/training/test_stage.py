"""A stage folder: what is made once, what is made again, and what never counts as made."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from training.durable import whole_file
from training.failure import DiskFull
from training.manifest import JOURNAL
from training.stage import Stage, StageBusy, hash_of, read_manifest

SPAWN = multiprocessing.get_context("spawn")


def nothing(_: str) -> dict[str, Any]:
    return {}


def opened(folder: Path, **upstream: str) -> Stage:
    return Stage.open(folder, "label", {}, {}, {n: {"key": key} for n, key in upstream.items()})


def test_a_second_run_does_only_what_is_missing(tmp_path: Path) -> None:
    made: list[str] = []

    def make(name: str) -> dict[str, Any]:
        made.append(name)
        if made == ["a", "b"]:
            raise KeyboardInterrupt
        return {}

    with pytest.raises(KeyboardInterrupt):
        Stage.open(tmp_path, "label", {}, {}).each("abc", make)
    Stage.open(tmp_path, "label", {}, {}).each("abc", make)
    assert made == ["a", "b", "b", "c"]


def test_changed_settings_or_inputs_start_over(tmp_path: Path) -> None:
    Stage.open(tmp_path, "label", {"x": 1}, {"ingest": "a"}).each("a", nothing)
    assert Stage.open(tmp_path, "label", {"x": 1}, {"ingest": "a"}).items
    assert not Stage.open(tmp_path, "label", {"x": 2}, {"ingest": "a"}).items
    assert not Stage.open(tmp_path, "label", {"x": 1}, {"ingest": "b"}).items


def test_one_changed_volume_is_made_again_and_the_others_stay(tmp_path: Path) -> None:
    opened(tmp_path, a="1", b="1").each("ab", nothing)

    stage = opened(tmp_path, a="1", b="2", c="1")

    assert list(stage.items) == ["a"]
    summary = stage.each("abc", nothing)
    assert (summary.done, summary.skipped) == (2, 1)


def test_the_fingerprint_of_the_whole_follows_its_items(tmp_path: Path) -> None:
    opened(tmp_path, a="1").each("a", nothing)
    before = read_manifest(tmp_path)["fingerprint"]

    opened(tmp_path, a="1").each("a", nothing)
    assert read_manifest(tmp_path)["fingerprint"] == before

    opened(tmp_path, a="2").each("a", nothing)
    assert read_manifest(tmp_path)["fingerprint"] != before


def test_what_is_no_longer_asked_for_is_forgotten(tmp_path: Path) -> None:
    opened(tmp_path).each("ab", nothing)
    opened(tmp_path).each("b", nothing)
    assert list(read_manifest(tmp_path)["items"]) == ["b"]


def test_source_and_licence_of_a_volume_go_along_from_stage_to_stage(tmp_path: Path) -> None:
    origin = {"source": "a hospital", "licence": "CC BY 4.0", "key": "1", "shape": [3]}
    Stage.open(tmp_path, "label", {}, {}, {"a": origin}).each("a", lambda _: {"known": ["heart"]})

    item = read_manifest(tmp_path)["items"]["a"]

    assert {word: item[word] for word in ("source", "licence", "known")} == {
        "source": "a hospital",
        "licence": "CC BY 4.0",
        "known": ["heart"],
    }
    assert "shape" not in item


def test_an_item_that_fails_leaves_the_rest_running_and_is_tried_again(tmp_path: Path) -> None:
    tried: list[str] = []

    def make(name: str) -> dict[str, Any]:
        tried.append(name)
        if name == "b":
            raise ValueError(f"slices of {tmp_path / 'DOE^JANE' / 'ct.nii.gz'} are missing")
        return {}

    summary = opened(tmp_path).each("abc", make)

    assert (summary.done, summary.skipped) == (2, 0)
    assert summary.failed == {"b": "ValueError: slices of <path> are missing"}
    assert read_manifest(tmp_path)["failed"]["b"]["error"] == "ValueError"
    opened(tmp_path).each("abc", make)
    assert tried == ["a", "b", "c", "b"]


def test_an_item_that_was_refused_is_counted_as_failed_and_not_tried_again(tmp_path: Path) -> None:
    tried: list[str] = []

    def make(name: str) -> dict[str, Any]:
        tried.append(name)
        return {"failed": "lungs are cut off"}

    for _ in range(2):
        summary = opened(tmp_path).each("a", make)
        assert summary.failed == {"a": "lungs are cut off"}
    assert tried == ["a"]


def test_the_summary_names_every_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def make(name: str) -> dict[str, Any]:
        if name == "b":
            raise ValueError("no lungs")
        return {}

    opened(tmp_path).each("ab", make)

    assert (
        "label: 1 done, 0 skipped, 1 failed\n  b: ValueError: no lungs" in capsys.readouterr().out
    )


def test_a_run_with_nothing_to_do_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        opened(tmp_path).each("ab", nothing)
    assert capsys.readouterr().out.endswith("label: 0 done, 2 skipped, 0 failed\n")


def test_the_progress_bar_says_how_long_it_will_take(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(tmp_path).each("ab", nothing)
    bar = capsys.readouterr().err
    assert "label: 100%" in bar
    assert "2/2" in bar
    assert "<" in bar  # elapsed<left


def test_an_item_whose_file_is_gone_is_made_again(tmp_path: Path) -> None:
    def make(name: str) -> dict[str, Any]:
        (tmp_path / f"{name}.npz").touch()
        return {"files": [f"{name}.npz"]}

    opened(tmp_path).each("ab", make)
    (tmp_path / "a.npz").unlink()
    assert list(opened(tmp_path).items) == ["b"]


def _write_and_be_killed(folder: Path) -> None:
    """Finish a, be killed in the middle of b."""

    def make(name: str) -> dict[str, Any]:
        with whole_file(folder / name) as temporary:
            temporary.write_text("half")
            if name == "b":
                os.kill(os.getpid(), signal.SIGKILL)
            temporary.write_text("whole")
        return {}

    opened(folder).each("ab", make)


def test_after_a_kill_the_finished_item_is_kept_and_the_half_written_one_made_again(
    tmp_path: Path,
) -> None:
    child = SPAWN.Process(target=_write_and_be_killed, args=(tmp_path,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert list(read_manifest(tmp_path)["items"]) == ["a"]
    assert not (tmp_path / "b").exists()
    made: list[str] = []

    def make(name: str) -> dict[str, Any]:
        made.append(name)
        with whole_file(tmp_path / name) as temporary:
            temporary.write_text("whole")
        return {}

    opened(tmp_path).each("ab", make)

    assert made == ["b"]
    assert {p.name: p.read_text() for p in tmp_path.glob("[ab]")} == {"a": "whole", "b": "whole"}
    assert [p.name for p in tmp_path.iterdir() if ".part" in p.name] == []


def test_a_journal_line_that_a_kill_cut_off_is_no_line(tmp_path: Path) -> None:
    stage = opened(tmp_path)
    record = {"key": stage.key("a")}
    (tmp_path / JOURNAL).write_text(json.dumps(["items", "a", record]) + '\n["items", "b", {"ke')

    assert list(opened(tmp_path).items) == ["a"]
    assert not (tmp_path / JOURNAL).exists()


def _hold(folder: Path, ready: Any, done: Any) -> None:  # noqa: ANN401
    def make(_: str) -> dict[str, Any]:
        ready.set()
        done.wait()
        return {}

    opened(folder).each("a", make)


def test_two_processes_on_one_folder_are_refused(tmp_path: Path) -> None:
    ready, done = SPAWN.Event(), SPAWN.Event()
    other = SPAWN.Process(target=_hold, args=(tmp_path, ready, done))
    other.start()
    ready.wait()
    try:
        with pytest.raises(StageBusy, match="another process is at work"):
            opened(tmp_path)
    finally:
        done.set()
        other.join()
    assert list(opened(tmp_path).items) == ["a"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("the program mount is missing")
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_stops_the_stage_and_leaves_nothing_half_written(small_disk: Path) -> None:
    names = "abcdef"

    def make(name: str) -> dict[str, Any]:
        with whole_file(small_disk / name) as temporary:
            temporary.write_bytes(bytes(60 * 1024))
        return {}

    with pytest.raises(DiskFull, match="make room and run it again"):
        opened(small_disk).each(names, make)

    made = sorted(read_manifest(small_disk)["items"])
    assert 0 < len(made) < len(names)
    assert [p.stat().st_size for p in small_disk.glob("[a-f]")] == [60 * 1024] * len(made)
    assert not [p for p in small_disk.iterdir() if ".part" in p.name]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_that_a_library_hides_in_its_own_error_is_still_a_full_disk(
    tmp_path: Path,
) -> None:
    def make(_: str) -> dict[str, Any]:
        try:
            with Path("/dev/full").open("wb", buffering=0) as file:
                file.write(b"x")
        except OSError as error:
            raise RuntimeError("could not save") from error
        return {}

    with pytest.raises(DiskFull):
        opened(tmp_path).each("ab", make)
    assert not read_manifest(tmp_path)["items"]
    assert not read_manifest(tmp_path)["failed"]


def test_the_hash_of_a_file_is_what_sha256sum_says(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"thorax")
    said = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout
    assert hash_of(path) == said.split()[0]


def test_the_stage_needs_no_torch() -> None:
    program = "import sys, training.stage; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
