import errno
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from service.domain.analysis import ObjectKind
from service.domain.identifiers import JobId, new_job_id
from service.domain.job import Lease
from service.errors import OutOfResources
from service.persistence.spool import ABANDONED_AFTER_SECONDS, Spool, spool_name
from tests.fakes import START, receive

JOB = new_job_id()
LEASE = Lease(JOB, 1, 1, START)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def temporary_files(home: Path) -> list[Path]:
    return [path for path in (home / "inbox" / "tmp").glob("*/*") if path.name != "lock"]


def make_old(path: Path) -> None:
    long_ago = path.stat().st_mtime - ABANDONED_AFTER_SECONDS - 1
    os.utime(path, (long_ago, long_ago))


def test_a_temporary_file_is_new_empty_and_private(spool: Spool) -> None:
    first, second = spool.temporary_file(), spool.temporary_file()

    assert first != second
    assert first.stat().st_size == 0
    assert first.stat().st_mode & 0o777 == 0o600
    assert first.parent.stat().st_mode & 0o777 == 0o700


def test_a_kept_file_has_a_place_without_any_text_of_the_sender(spool: Spool, home: Path) -> None:
    received = receive(spool, content=b"pixels")

    place = spool.keep(received)

    name = spool_name("1.2.3.4", received.content_sha256)
    assert place == home / "inbox" / name[:2] / f"{name}.dcm"
    assert place.read_bytes() == b"pixels"
    assert temporary_files(home) == []


def test_the_same_content_twice_is_one_file_that_stays_as_it_was(spool: Spool, home: Path) -> None:
    """The hash is over the data set alone: a second file meta must not replace the first."""
    first = receive(spool, content=b"meta 1")
    second = replace(receive(spool, content=b"meta 2"), content_sha256=first.content_sha256)

    places = {spool.keep(first), spool.keep(second)}

    assert [place.read_bytes() for place in places] == [b"meta 1"]
    assert temporary_files(home) == []


def test_other_content_under_the_same_uid_is_another_file(spool: Spool) -> None:
    places = {spool.keep(receive(spool, content=content)) for content in (b"a", b"b")}

    assert {place.read_bytes() for place in places} == {b"a", b"b"}
    assert set(spool.kept_files()) == places


@pytest.mark.platform_specific
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="/proc is Linux's")
def test_the_file_then_the_name_then_the_folder_are_synced(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is the promise, and only the calls show it."""
    received = receive(spool)
    synced: list[Path] = []
    inbox = received.temporary_path.parents[2]

    def note(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())

    monkeypatch.setattr(os, "fsync", note)
    place = spool.keep(received)

    assert synced == [received.temporary_path, inbox, place.parent]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "no_space"),
        (errno.EDQUOT, "no_space"),
        (errno.EIO, "storage_failed"),
    ],
)
def test_a_sync_that_fails_is_never_a_success(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    received = receive(spool)

    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)  # no disk fails on request

    with pytest.raises(OutOfResources) as raised:
        spool.keep(received)
    assert raised.value.code == code
    assert list(spool.kept_files()) == []


def test_what_a_killed_process_was_receiving_is_swept(home: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from service.persistence.spool import Spool;"
        "spool = Spool(Path(sys.argv[1])); spool.temporary_file().write_bytes(b'half');"
        "print('ready', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", script, home], stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == b"ready\n"
    spool = Spool(home)
    own = spool.temporary_file()

    while_it_lives = spool.sweep()
    other.kill()
    other.wait()
    other.stdout.close()
    after_its_death = spool.sweep()

    assert (while_it_lives, after_its_death) == (0, 1)
    assert temporary_files(home) == [own]


def test_what_a_living_process_forgot_is_swept_after_an_hour(home: Path) -> None:
    forgetful, spool = Spool(home), Spool(home)
    old, new = forgetful.temporary_file(), forgetful.temporary_file()
    make_old(old)

    assert spool.sweep() == 1
    assert temporary_files(home) == [new]
    forgetful.close()


def test_staging_of_a_lost_attempt_is_swept_after_an_hour(spool: Spool) -> None:
    old = spool.staging_folder(LEASE)
    new = spool.staging_folder(replace(LEASE, fence=2))
    make_old(old)

    assert spool.sweep() == 1
    assert (old.exists(), new.exists()) == (False, True)


def test_promoted_results_are_complete_and_leave_no_staging(spool: Spool, home: Path) -> None:
    (spool.staging_folder(LEASE) / "seg.dcm").write_bytes(b"SEG")
    spool.settle(LEASE)

    folder = spool.promote(LEASE)

    assert folder == spool.result_folder(JOB) == home / "results" / JOB
    assert (spool.result_folder(JOB) / "seg.dcm").read_bytes() == b"SEG"
    spool.discard(LEASE)
    assert list((home / "results" / ".staging").iterdir()) == []


def test_a_family_is_its_folders_files_of_each_kind_in_order(spool: Spool) -> None:
    folder = spool.staging_folder(LEASE)
    (folder / "labelmap").mkdir()
    for name in ("seg-10.dcm", "seg-2.dcm", "seg.dcm", "sr.dcm", "other.dcm"):
        (folder / "labelmap" / name).write_text(name)
    (folder / "seg.dcm").touch()
    spool.settle(LEASE)
    spool.promote(LEASE)

    found = spool.family(JOB, "labelmap").files

    names = {kind: [path.name for path in files] for kind, files in found.items()}
    assert names == {
        ObjectKind.SEG: ["seg.dcm", "seg-2.dcm", "seg-10.dcm"],
        ObjectKind.SR: ["sr.dcm"],
    }
    assert spool.family(JOB, "").files.keys() == {ObjectKind.SEG}
    assert spool.family(JOB, "unknown").files == {}


def test_promotion_replaces_what_a_lost_attempt_promoted(spool: Spool, home: Path) -> None:
    for fence, text in ((1, "first"), (2, "second")):
        lease = replace(LEASE, fence=fence)
        (spool.staging_folder(lease) / "result.json").write_text(text)
        spool.promote(lease)
        spool.discard(lease)

    assert (spool.result_folder(JOB) / "result.json").read_text() == "second"
    assert list((home / "results" / ".staging").iterdir()) == []


def test_discarding_leaves_other_attempts_and_jobs_alone(spool: Spool) -> None:
    others = [replace(LEASE, fence=2), replace(LEASE, job_id=JobId("f" * 32))]
    folders = [spool.staging_folder(lease) for lease in others]
    mine = spool.staging_folder(LEASE)

    spool.discard(LEASE)

    assert not mine.exists()
    assert all(folder.exists() for folder in folders)


def test_free_bytes_are_those_of_the_disk(spool: Spool, home: Path) -> None:
    status = os.statvfs(home)

    assert spool.free_bytes() == pytest.approx(status.f_bavail * status.f_frsize, rel=0.05)


def test_a_file_that_vanished_is_a_storage_failure(spool: Spool) -> None:
    received = receive(spool)
    received.temporary_path.unlink()

    with pytest.raises(OutOfResources) as raised:
        spool.keep(received)
    assert raised.value.code == "storage_failed"
