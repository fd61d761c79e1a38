"""kill -9 in the middle: the job is done again, nothing acknowledged is lost, nothing doubled."""

import io
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psutil
import pydicom
import pytest
from pydicom.uid import ComprehensiveSRStorage, SegmentationStorage, generate_uid

from tests.builders import build_dx, write_part10
from tests.e2e.dcmtk import dcmsend, storescu
from tests.e2e.thorax_up import Thorax, thorax_up, time_of, uid_of
from tests.peers import REPOSITORY, require
from tests.processes import eventually, running
from tests.servers import Orthanc
from tests.stopped_line import line_that_stops

pytestmark = [pytest.mark.peer, pytest.mark.slow, pytest.mark.timeout(600)]

SAMPLES = sorted((REPOSITORY / "samples").glob("*.dcm"))
WITHIN = timedelta(seconds=30)
# The promise is about the lease, not about a queue: the other is done before the lease runs out.
FEW = 2
PATIENCE = 180.0
BIG_PIXELS = (6000, 5000)  # 60 MB: half of it is more than what waits in any buffer


@pytest.fixture
def thorax(orthanc: Orthanc, tmp_path: Path) -> Iterator[Thorax]:
    with thorax_up(tmp_path, orthanc) as running_thorax:
        yield running_thorax


@pytest.mark.parametrize("killed", ["the whole worker", "only the process that has the job"])
def test_an_interrupted_job_is_done_again_and_delivered_once(
    thorax: Thorax, orthanc: Orthanc, tmp_path: Path, killed: str
) -> None:
    films = copies(tmp_path, FEW)
    assert dcmsend(films, thorax.dicom_port).returncode == 0

    interrupted = kill_while_analysing(thorax, whole_worker=killed == "the whole worker")
    killed_at = datetime.now(UTC)
    jobs = {uid_of(job): job for job in thorax.wait_until_final(len(films), PATIENCE)}

    assert [jobs[uid]["state"] for uid in interrupted] == ["done"] * len(interrupted)
    assert [jobs[uid]["attempts"] for uid in interrupted] == [2] * len(interrupted)
    assert max(time_of(jobs[uid]) for uid in interrupted) - killed_at <= WITHIN
    assert_one_result_each(orthanc, films)


def test_a_killed_listener_loses_nothing_that_it_acknowledged(
    thorax: Thorax, orthanc: Orthanc, tmp_path: Path
) -> None:
    films = copies(tmp_path, 4)
    big = big_film(tmp_path / "big.dcm")
    assert dcmsend(films, thorax.dicom_port).returncode == 0
    before = thorax.pid_of("listener")

    kill_in_the_middle_of_a_store(thorax, big)
    eventually(lambda: thorax.pid_of("listener") != before, 60, "a new listener")
    eventually(
        lambda: storescu([big], thorax.dicom_port).returncode == 0, 60, "the big film's store"
    )
    jobs = thorax.wait_until_final(len(films) + 1, PATIENCE)

    assert {uid_of(job) for job in jobs} == {uid_in(path) for path in (*films, big)}
    assert {
        uid_of(job): job["state"] for job in jobs if uid_of(job) != uid_in(big)
    } == dict.fromkeys(map(uid_in, films), "done")
    assert_one_result_each(orthanc, films)


@pytest.mark.parametrize("name", ["listener", "worker", "api", "redis"])
def test_a_killed_child_is_started_again(thorax: Thorax, tmp_path: Path, name: str) -> None:
    before = thorax.pid_of(name)

    os.kill(before, signal.SIGKILL)
    eventually(lambda: thorax.pid_of(name) != before, 60, f"a new {name}")
    films = copies(tmp_path, 1)
    eventually(lambda: dcmsend(films, thorax.dicom_port).returncode == 0, 60, "a store")
    (job,) = thorax.wait_until_final(1, PATIENCE)

    assert job["state"] == "done", thorax.logs()


def test_nothing_is_left_running_after_ctrl_c(orthanc: Orthanc, tmp_path: Path) -> None:
    with thorax_up(tmp_path, orthanc) as thorax:
        family = psutil.Process(thorax.process.pid).children(recursive=True)
        assert thorax.process.stop(signal.SIGINT) == 0

    assert not [process for process in family if process.is_running()]


def copies(folder: Path, count: int) -> list[Path]:
    """Write `count` instances made of the sample radiographs, each with UIDs of its own."""
    made = []
    for number in range(count):
        film = pydicom.dcmread(SAMPLES[number % len(SAMPLES)])
        film.SOPInstanceUID = film.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        film.save_as(folder / f"film-{number}.dcm")
        made.append(folder / f"film-{number}.dcm")
    return made


def big_film(path: Path) -> Path:
    """Write an uncompressed instance that is cut in two on the way."""
    write_part10(build_dx(np.zeros(BIG_PIXELS, np.uint16)), path)
    return path


def uid_in(path: Path) -> str:
    return str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID)


def kill_while_analysing(thorax: Thorax, *, whole_worker: bool) -> list[str]:
    """Kill at a moment when jobs are being analysed; returns the instances they are about.

    The worker is frozen first, so that what the database says of that moment stays true.
    """
    group = thorax.pid_of("worker")

    def frozen_in_a_job() -> list[tuple[str, int]] | None:
        os.killpg(group, signal.SIGSTOP)
        if found := being_analysed(thorax):
            return found
        os.killpg(group, signal.SIGCONT)
        return None

    caught = eventually(frozen_in_a_job, PATIENCE, "a job being analysed")
    if whole_worker:
        os.killpg(group, signal.SIGKILL)
    else:
        for _, process in caught:
            os.kill(process, signal.SIGKILL)
        os.killpg(group, signal.SIGCONT)
    return [uid for uid, _ in caught]


def being_analysed(thorax: Thorax) -> list[tuple[str, int]]:
    """Return (SOP Instance UID, process id) of each job under work."""
    query = "select sop_instance_uid, worker from jobs where state = 'analysing'"
    with closing(sqlite3.connect(thorax.home / "thorax.db")) as database:
        return [(uid, int(worker.rpartition(":")[2])) for uid, worker in database.execute(query)]


def kill_in_the_middle_of_a_store(thorax: Thorax, film: Path) -> None:
    """Kill the listener while a part of the film is in its spool and the rest is not sent yet."""
    inbox, half = thorax.home / "inbox" / "tmp", film.stat().st_size // 2
    with line_that_stops(thorax.dicom_port, after=half) as port:
        command = [require("storescu"), "--call", "THORAX", "127.0.0.1", str(port), film]
        with running(command, film.parent / "storescu.log", ready=lambda: True) as sender:
            part = eventually(lambda: first_nonempty(inbox), 60, "a part of the film in the spool")
            assert 0 < part.stat().st_size < film.stat().st_size, "the store was over too soon"
            os.kill(thorax.pid_of("listener"), signal.SIGKILL)
            assert sender.process.wait(60) != 0, "an interrupted store must not look like a success"


def first_nonempty(folder: Path) -> Path | None:
    return next((p for p in folder.rglob("*") if p.is_file() and p.stat().st_size), None)


def assert_one_result_each(orthanc: Orthanc, films: Sequence[Path]) -> None:
    """Exactly one SEG and one SR for each film, and none for anything else."""
    stored = [
        pydicom.dcmread(io.BytesIO(orthanc.file(each["orthanc_id"])), stop_before_pixels=True)
        for each in orthanc.instances()
    ]
    for sop_class in (SegmentationStorage, ComprehensiveSRStorage):
        found = Counter(source_of(each) for each in stored if each.SOPClassUID == sop_class)
        assert found == Counter(map(uid_in, films))


def source_of(result: pydicom.Dataset) -> str:
    """Return the instance that a SEG or an SR is about."""
    if "ReferencedSeriesSequence" in result:
        series = result.ReferencedSeriesSequence[0]
        return str(series.ReferencedInstanceSequence[0].ReferencedSOPInstanceUID)
    evidence = result.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
    references = [s.ReferencedSOPSequence[0] for s in evidence]
    return str(
        next(
            each.ReferencedSOPInstanceUID
            for each in references
            if each.ReferencedSOPClassUID != SegmentationStorage
        )
    )
