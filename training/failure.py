"""Why an item failed, in words that name no patient, and which failures end a stage.

What our own code raises says what is wrong and nothing of whom. A library may quote the file's name
or a header's value: paths are cut out of its message, and of libraries that quote headers only the
name of the error is kept.
"""

import errno
import re
import shutil
import traceback
from dataclasses import dataclass
from pathlib import Path

QUOTES_HEADERS = ("pydicom", "pynetdicom", "highdicom", "dicomweb_client")
OURS = ("training", "service")
FULL = (errno.ENOSPC, errno.EDQUOT)
NOTHING_LEFT_BYTES = 64 * 1024
LONGEST = 300
PATHS = re.compile(
    r"""(['"])[^'"]*[/\\][^'"]*\1  # quoted, may hold blanks
      | [^\s'"(<>=,;]*[/\\](?:[^\s'")<>,;]*[^\s'")<>,;:.])?  # bare
    """,
    re.VERBOSE,
)
FRACTION = re.compile(r"\d+/\d+")


class DiskFull(OSError):
    """The folder's disk is full: the stage stops; finished items are kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            errno.ENOSPC,
            f"the disk of {folder} is full; what is finished is kept: make room and run it again",
        )
        self.folder = folder

    def __reduce__(self) -> tuple[type["DiskFull"], tuple[Path]]:
        return DiskFull, (self.folder,)

    def __str__(self) -> str:
        return str(self.args[1])


@dataclass(frozen=True, slots=True)
class Failure:
    """What happened to one item: the error's class, what it said, and the line of ours."""

    error: str
    message: str
    where: str

    @property
    def reason(self) -> str:
        """One line for a list."""
        return f"{self.error}: {self.message}" if self.message else self.error

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Describe an exception without paths and without what headers hold."""
        return cls(type(error).__name__, _message(error), _where(error))


def _message(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return without_paths(error.strerror)  # without the file's name
    raised_in = _modules(error)[-1:] or [""]
    if raised_in[0].split(".")[0] in QUOTES_HEADERS:
        return ""
    return without_paths(str(error))[:LONGEST]


def without_paths(text: str) -> str:
    """The text on one line, with everything that looks like a path replaced by `<path>`."""
    return " ".join(PATHS.sub(_hidden, text).split())


def _hidden(found: re.Match[str]) -> str:
    return found[0] if FRACTION.fullmatch(found[0]) else "<path>"


def _modules(error: BaseException) -> list[str]:
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return [str(frame.f_globals.get("__name__", "")) for frame in frames]


def _where(error: BaseException) -> str:
    """The innermost place in our code, as `training.ingest.nifti:42`."""
    steps = list(traceback.walk_tb(error.__traceback__))
    for (_, line), module in reversed(list(zip(steps, _modules(error), strict=True))):
        if module.split(".")[0] in OURS and module != __name__:
            return f"{module}:{line}"
    return ""


def is_disk_full(error: BaseException, folder: Path) -> bool:
    """Whether the disk is why: libraries often hide the system's error in one of their own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in FULL:
            return True
        cause = cause.__cause__ or cause.__context__
    return shutil.disk_usage(folder).free < NOTHING_LEFT_BYTES
