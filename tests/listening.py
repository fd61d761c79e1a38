"""A listener on a free port, before an intake that remembers what it was given."""

import os
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from service.domain.identifiers import JobId
from service.domain.instance import ReceivedInstance
from service.inbound.dicom_scp import Listener, ListenerOptions, start_listener


@dataclass(frozen=True, slots=True)
class Taken:
    """What an intake answers."""

    job_id: JobId
    duplicate: bool = False


@dataclass
class FolderSpool:
    """Temporary files in one folder, and any free space that a test wants."""

    folder: Path
    free: int = 1 << 40

    def temporary_file(self) -> Path:
        """Return a new empty file."""
        path = self.folder / uuid.uuid4().hex
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        return path

    def free_bytes(self) -> int:
        """Return the pretended free space."""
        return self.free

    def files(self) -> list[Path]:
        """Return what lies in the folder."""
        return list(self.folder.iterdir())


@dataclass
class Intake:
    """Keeps the files that come in; `before` may raise or wait."""

    kept: Path
    before: Callable[[ReceivedInstance], None] = lambda _: None
    received: list[ReceivedInstance] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def accept(self, received: ReceivedInstance) -> Taken:
        """Move the file and remember the instance."""
        self.before(received)
        received.temporary_path.replace(self.path(received))
        with self.arrived:
            self.received.append(received)
            self.arrived.notify_all()
        return Taken(JobId("0" * 32))

    def path(self, received: ReceivedInstance) -> Path:
        """Return where an instance lies."""
        return self.kept / f"{received.reference.sop_instance_uid}.dcm"

    def only(self) -> ReceivedInstance:
        """Return the one instance that came."""
        (received,) = self.received
        return received


@dataclass(frozen=True)
class Listening:
    """A running listener with its surroundings."""

    listener: Listener
    intake: Intake
    spool: FolderSpool

    @property
    def port(self) -> int:
        """Return its port."""
        return self.listener.port


@contextmanager
def listening(folder: Path, options: ListenerOptions, **intake: object) -> Iterator[Listening]:
    """Run a listener below `folder`; stops it, without patience, at the end."""
    temporary, kept = folder / "tmp", folder / "kept"
    temporary.mkdir()
    kept.mkdir()
    spool = FolderSpool(temporary)
    door = Intake(kept, **intake)
    listener = start_listener(options, door.accept, spool)
    try:
        yield Listening(listener, door, spool)
    finally:
        listener.stop(grace_seconds=0.0)
