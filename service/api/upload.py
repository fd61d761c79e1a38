"""Temporary files of the spool that a request fills; they vanish unless the intake takes them."""

import errno
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

from service.api.problems import Problem
from service.errors import OutOfResources

MAXIMUM_FILES = 100


class SpoolFile(AbstractContextManager["SpoolFile"]):
    """A temporary file of the spool; removed on leaving unless the intake has moved it away."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb")

    def write(self, data: bytes) -> None:
        """Append; raises OutOfResources(no_space) when the disk is full."""
        try:
            self._file.write(data)
        except OSError as error:
            raise _out_of_resources(error) from error

    def finish(self) -> None:
        """Make durable what was written."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise _out_of_resources(error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close and remove; what did not fit on the disk is not wanted any more."""
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)


class Upload(AbstractContextManager["Upload"]):
    """The files of one request, in order."""

    def __init__(self, new_path: Callable[[], Path]) -> None:
        self.files: list[SpoolFile] = []
        self._new_path = new_path
        self._open = ExitStack()

    def begin_file(self) -> None:
        """Start the next file; raises a 413 Problem after MAXIMUM_FILES."""
        if len(self.files) >= MAXIMUM_FILES:
            raise Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "too_many_files",
                f"A form may hold at most {MAXIMUM_FILES} files.",
            )
        self.files.append(self._open.enter_context(SpoolFile(self._new_path())))

    def write(self, data: bytes) -> None:
        """Append to the present file."""
        self.files[-1].write(data)

    def finish_file(self) -> None:
        """Make the present file durable."""
        self.files[-1].finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove what is left."""
        self._open.close()


def _out_of_resources(error: OSError) -> OutOfResources:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutOfResources("the disk is full", code="no_space")
    return OutOfResources("the storage failed", code="storage_failed")
