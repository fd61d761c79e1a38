"""A small receiving Storage SCP that plays the PACS in the demo and in tests.

It is the listener again, told to take results too, with a folder in place of the intake.
"""

import os
import shutil
import threading
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from service.dimse.negotiation import RECEIVED_SOP_CLASSES, SENT_SOP_CLASSES
from service.domain.identifiers import JobId
from service.domain.instance import ReceivedInstance
from service.inbound.dicom_scp import Listener, ListenerOptions, start_listener
from service.inbound.limits import Limits


@dataclass(frozen=True, slots=True)
class Filed:
    """That an instance lies in the folder."""

    job_id: JobId
    duplicate: bool


@dataclass(slots=True)
class Inbox:
    """A folder of received instances: `<root>/<sop class uid>/<sop instance uid>.dcm`."""

    root: Path
    received: list[Path] = field(default_factory=list)
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    def temporary_file(self) -> Path:
        """Return a new empty file in the folder."""
        self.root.mkdir(parents=True, exist_ok=True)
        path = self.root / f".{uuid.uuid4().hex}"
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        return path

    def free_bytes(self) -> int:
        """Return the free space of the folder's disk."""
        self.root.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free

    def keep(self, received: ReceivedInstance) -> Filed:
        """Give the instance its name; the same UID again replaces the file."""
        reference = received.reference
        folder = self.root / reference.sop_class_uid
        folder.mkdir(exist_ok=True)
        path = folder / f"{reference.sop_instance_uid}.dcm"
        with self._arrived:
            duplicate = path.exists()
            received.temporary_path.replace(path)
            if not duplicate:
                self.received.append(path)
            self._arrived.notify_all()
        return Filed(JobId(""), duplicate)

    def wait_for(self, count: int, seconds: float) -> bool:
        """Return whether `count` different instances are there within `seconds`."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.received) >= count, seconds)

    def of_class(self, sop_class_uid: str) -> tuple[Path, ...]:
        """Return the files of one SOP class in order of arrival."""
        with self._arrived:
            return tuple(each for each in self.received if each.parent.name == sop_class_uid)


class Receiver:
    """A running receiving SCP; use it in a `with` statement or call `stop`."""

    def __init__(self, root: Path, ae_title: str = "PACS", port: int = 0) -> None:
        self.inbox = Inbox(root)
        self._listener = _listen(self.inbox, ae_title, port)

    @property
    def port(self) -> int:
        """Return the port that it listens on."""
        return self._listener.port

    @property
    def count(self) -> int:
        """Return how many different instances have come."""
        return len(self.inbox.received)

    def stop(self) -> None:
        """Finish what is coming in and close."""
        self._listener.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_receiver(root: Path, ae_title: str = "PACS", port: int = 0) -> Receiver:
    """Return a receiver that already listens; OSError when the port cannot be had."""
    return Receiver(root, ae_title, port)


def _listen(inbox: Inbox, ae_title: str, port: int) -> Listener:
    options = ListenerOptions(
        ae_title=ae_title,
        port=port,
        check_called_ae_title=False,
        sop_classes=tuple(dict.fromkeys((*RECEIVED_SOP_CLASSES, *SENT_SOP_CLASSES))),
        limits=Limits(reserve_bytes=0),
    )
    return start_listener(options, inbox.keep, inbox)
