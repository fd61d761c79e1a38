"""Files: instances as they came in, and results; what is in place is complete and on the disk.

<home>/inbox/tmp/<process>/<random>     being received
<home>/inbox/<aa>/<spool name>.dcm      kept; the name is a hash, never a peer's text
<home>/results/<job id>/                results of an ended analysis
<home>/results/.staging/<job id>.<n>/   results in the making, n = fence of the lease
"""

import errno
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from uuid import uuid4

from service.domain.analysis import ObjectKind
from service.domain.delivering import Family
from service.domain.identifiers import JobId
from service.domain.instance import ReceivedInstance
from service.domain.job import Job, Lease
from service.errors import OutOfResources

ABANDONED_AFTER_SECONDS = 3600
"""No store and no analysis takes this long: what is older was left behind."""

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600
_LOCK_FILE = "lock"
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def spool_name(sop_instance_uid: str, content_sha256: str) -> str:
    """Return the name under which an instance with this content is kept."""
    return hashlib.sha256(f"{sop_instance_uid}|{content_sha256}".encode()).hexdigest()


class Spool:
    """All files below `home`; every failing write raises OutOfResources."""

    def __init__(self, home: Path) -> None:
        self._inbox = home / "inbox"
        self._receiving = self._inbox / "tmp"
        self._results = home / "results"
        self._staging = self._results / ".staging"
        self._own = self._receiving / uuid4().hex
        self._own_lock: int | None = None
        self._opening = Lock()
        with _storage():
            for folder in (self._receiving, self._staging):
                folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)

    def temporary_file(self) -> Path:
        """Return a new empty file that only this user can read; it vanishes if the process dies."""
        with _storage():
            self._open_own_folder()
            path = self._own / uuid4().hex
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE_FILE))
            return path

    def keep(self, received: ReceivedInstance) -> Path:
        """Move a received file to its place and return that once it would survive a power cut.

        The same instance with the same content has the same place and stays as it is there.
        """
        name = spool_name(received.reference.sop_instance_uid, received.content_sha256)
        place = self._place(name)
        with _storage():
            _sync(received.temporary_path)
            self._make_durable_folder(place.parent)
            if not place.exists():
                received.temporary_path.replace(place)
            received.temporary_path.unlink(missing_ok=True)
            _sync(place.parent)
        return place

    def instance_path(self, job: Job) -> Path:
        """Return where the job's instance lies."""
        return self._place(spool_name(job.reference.sop_instance_uid, job.content_sha256))

    def kept_files(self) -> Iterator[Path]:
        """Yield all kept instances, with or without a row."""
        return self._inbox.glob("[0-9a-f][0-9a-f]/*.dcm")

    def result_folder(self, job_id: JobId) -> Path:
        """Return where the results of an ended job lie."""
        return self._results / job_id

    def family(self, job_id: JobId, name: str) -> Family:
        """Return the DICOM results of an ended job that were encoded in one way."""
        folder = self.result_folder(job_id) / name
        found = {kind: _files_of(kind, folder) for kind in ObjectKind}
        return Family(name, {kind: files for kind, files in found.items() if files})

    def staging_folder(self, lease: Lease) -> Path:
        """Return a new empty folder for this attempt's results."""
        folder = self._staging / f"{lease.job_id}.{lease.fence}"
        with _storage():
            folder.mkdir(mode=_PRIVATE_FOLDER, parents=True)
        return folder

    def settle(self, lease: Lease) -> None:
        """Bring this attempt's results onto the disk; slow, so before any transaction."""
        folder = self._staging / f"{lease.job_id}.{lease.fence}"
        with _storage():
            for path in folder.rglob("*"):
                _sync(path)
            _sync(folder)

    def promote(self, lease: Lease) -> Path:
        """Make this attempt's results the job's, in place of those of an attempt that was lost.

        To be called where the fence has been checked and still holds (inside the transaction).
        """
        place = self.result_folder(lease.job_id)
        with _storage():
            if place.exists():
                place.rename(self._staging / f"{lease.job_id}.replaced.{uuid4().hex}")
            (self._staging / f"{lease.job_id}.{lease.fence}").rename(place)
            _sync(self._results)
        return place

    def discard(self, lease: Lease) -> None:
        """Delete what an attempt left in its staging folder, if anything."""
        for folder in self._staging.glob(f"{lease.job_id}.*"):
            if folder.suffix == f".{lease.fence}" or ".replaced." in folder.name:
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Give up the temporary files of this process, as its death would."""
        with self._opening:
            if self._own_lock is not None:
                os.close(self._own_lock)
                shutil.rmtree(self._own, ignore_errors=True)
                self._own_lock = None

    def free_bytes(self) -> int:
        """Return how much may still be written."""
        with _storage():
            return shutil.disk_usage(self._inbox).free

    def sweep(self) -> int:
        """Delete what ended processes and lost attempts left behind; return how many things."""
        folders = [path for path in self._receiving.iterdir() if path != self._own]
        removed = sum(_remove_if_abandoned(folder) for folder in folders)
        return removed + sum(_remove_if_old(path) for path in self._staging.iterdir())

    def _place(self, name: str) -> Path:
        return self._inbox / name[:2] / f"{name}.dcm"

    def _open_own_folder(self) -> None:
        """Make this process' folder, held by a lock that the system drops when the process ends.

        Process ids would not do: listener and API may run in containers that both know a 7.
        It appears under `tmp` only when locked, so that no sweep takes it for abandoned.
        """
        with self._opening:
            if self._own_lock is None:
                hidden = self._inbox / f".{self._own.name}"
                hidden.mkdir(mode=_PRIVATE_FOLDER)
                self._own_lock = _locked(hidden / _LOCK_FILE)
                hidden.rename(self._own)

    def _make_durable_folder(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
            _sync(folder.parent)


def _files_of(kind: ObjectKind, folder: Path) -> tuple[Path, ...]:
    """Return the files of this kind in order: one, or several where one instance does not do."""
    numbered = folder.glob(f"{kind}-[0-9]*.dcm")
    further = sorted(numbered, key=lambda path: (len(path.name), path.name))  # 2 before 10
    return tuple(path for path in (folder / f"{kind}.dcm", *further) if path.is_file())


@contextmanager
def _storage() -> Iterator[None]:
    """Turn the system's errors into ours."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise OutOfResources("no space is left for instances", code="no_space") from error
        raise OutOfResources("the storage failed", code="storage_failed") from error


def _sync(path: Path) -> None:
    """Return when the file's content, or the folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _locked(path: Path) -> int:
    """Return a descriptor that locks the file; raises BlockingIOError when another does."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, _PRIVATE_FILE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _remove_if_abandoned(folder: Path) -> int:
    """Delete the folder when its process has ended, else its files that nobody can still write."""
    try:
        held = _locked(folder / _LOCK_FILE)
    except OSError:
        files = (path for path in folder.glob("*") if path.name != _LOCK_FILE)
        return sum(_remove_if_old(path) for path in files)
    count = sum(1 for path in folder.iterdir() if path.name != _LOCK_FILE)
    shutil.rmtree(folder, ignore_errors=True)
    os.close(held)
    return count


def _remove_if_old(path: Path) -> int:
    try:
        if time.time() - path.stat().st_mtime < ABANDONED_AFTER_SECONDS:
            return 0
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    except FileNotFoundError:
        return 0
    return 1
