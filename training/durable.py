"""Files that are there whole or not at all, also after a kill, a full disk or a power cut."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PART = ".part"


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a path to write to; it becomes `path` only when the block ends well.

    The other name ends as `path` does, because libraries choose a format by the ending, and is
    drawn by lot, because a task that is run again may find its first attempt still writing.
    """
    temporary = path.with_name(f"{PART}-{secrets.token_hex(4)}-{path.name}")
    try:
        yield temporary
        settle(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    settle(path.parent)


def settle(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk (fsync)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, value: object) -> None:
    """Write JSON so that a reader sees the old file or the new one, never half of it."""
    text = json.dumps(value, indent=1, sort_keys=True, default=str)
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sweep(folder: Path) -> None:
    """Remove what a killed process left half-written; nobody else may be writing in `folder`."""
    for path in folder.rglob(f"*{PART}*"):
        is_half_written = path.name.startswith(f"{PART}-") or PART in path.suffixes
        if is_half_written and path.is_file():
            path.unlink(missing_ok=True)
