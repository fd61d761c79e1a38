"""Sending DICOM files to a peer by C-STORE, raw: what `thorax send` does."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service.dimse.scu import (
    MAXIMUM_CONTEXTS,
    ContextKey,
    OutgoingInstance,
    Patience,
    Remote,
    StoreAssociation,
    store_association,
)
from service.dimse.store_status import StoreOutcome, outcome_of
from service.errors import PeerError, RejectedInstance
from service.inbound.identify import read_identifiers


@dataclass(frozen=True, slots=True)
class SentFile:
    """What became of one file: the peer's status, or the reason why there is none."""

    path: Path
    status: int | None = None
    code: str | None = None
    text: str = ""

    @property
    def is_stored(self) -> bool:
        """Return whether the peer has it."""
        return self.status is not None and outcome_of(self.status) is StoreOutcome.STORED


Progress = Callable[[SentFile], None]


def files_in(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files that `paths` name, folders walked; in order, hidden ones left out."""
    return tuple(file for path in paths for file in _walk(path))


def send(
    paths: Iterable[Path],
    remote: Remote,
    calling_ae_title: str,
    progress: Progress = lambda _: None,
    patience: Patience = Patience(),  # noqa: B008 - frozen
) -> tuple[SentFile, ...]:
    """Send every file and return what became of each, also told to `progress` as it happens.

    A file that is no DICOM instance, or that the peer refuses, does not stop the others; when the
    peer breaks off, the rest goes over a new association.
    """
    sender = _Sender(remote, calling_ae_title, patience, progress)
    sender.send(files_in(paths))
    return tuple(sender.sent)


class _Sender:
    def __init__(
        self, remote: Remote, calling_ae_title: str, patience: Patience, progress: Progress
    ) -> None:
        self.sent: list[SentFile] = []
        self._remote = remote
        self._calling_ae_title = calling_ae_title
        self._patience = patience
        self._progress = progress

    def send(self, files: Iterable[Path]) -> None:
        waiting = list(self._readable(files))
        while waiting:
            batch = _batch(waiting)
            sent = self._send_batch(batch)
            waiting = waiting[sent:]

    def _readable(self, files: Iterable[Path]) -> Iterator[OutgoingInstance]:
        for path in files:
            try:
                yield outgoing(path)
            except RejectedInstance as error:
                self._report(SentFile(path, code=error.code, text=error.text))
            except OSError as error:
                self._report(SentFile(path, code="unreadable", text=error.strerror or ""))

    def _send_batch(self, batch: list[OutgoingInstance]) -> int:
        """Send as far as one association goes and return how many were dealt with."""
        contexts = {each.context_key for each in batch}
        try:
            with store_association(
                self._remote, self._calling_ae_title, contexts, self._patience
            ) as association:
                return self._send_over(association, batch)
        except PeerError as error:  # not even an association: there is no point in trying again
            for each in batch:
                self._report(SentFile(each.path, code=error.code, text=error.text))
            return len(batch)

    def _send_over(self, association: StoreAssociation, batch: list[OutgoingInstance]) -> int:
        for count, instance in enumerate(batch, start=1):
            self._report(_sent(association, instance))
            if not association.is_open:
                return count
        return len(batch)

    def _report(self, sent: SentFile) -> None:
        self.sent.append(sent)
        self._progress(sent)


def outgoing(path: Path) -> OutgoingInstance:
    """Return the file as something to send; RejectedInstance when it holds no instance."""
    with path.open("rb") as stream:
        header = read_identifiers(stream)
    return OutgoingInstance(
        path,
        header.data_set_offset,
        header.reference.sop_class_uid,
        header.reference.sop_instance_uid,
        header.transfer_syntax_uid,
    )


def _sent(association: StoreAssociation, instance: OutgoingInstance) -> SentFile:
    try:
        status = association.store(instance)
    except PeerError as error:
        return SentFile(instance.path, code=error.code, text=error.text)
    return SentFile(instance.path, status=status)


def _batch(waiting: list[OutgoingInstance]) -> list[OutgoingInstance]:
    """Return the longest beginning that one association can negotiate."""
    contexts: set[ContextKey] = set()
    for count, instance in enumerate(waiting):
        contexts.add(instance.context_key)
        if len(contexts) > MAXIMUM_CONTEXTS:
            return waiting[:count]
    return waiting


def _walk(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))
