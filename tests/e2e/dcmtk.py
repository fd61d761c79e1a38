"""DCMTK's own senders, as a modality or a PACS would use them."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.peers import require


def dcmsend(paths: Sequence[Path], port: int) -> subprocess.CompletedProcess[str]:
    """Send files as they are, with or without file meta, whatever their UIDs look like."""
    options = ["--verbose", "--read-file", "--no-uid-checks", "--no-halt", "--call", "THORAX"]
    return _run("dcmsend", options, port, paths)


def storescu(paths: Sequence[Path], port: int) -> subprocess.CompletedProcess[str]:
    """Send uncompressed files, proposing only what they need."""
    return _run("storescu", ["--verbose", "--required", "--call", "THORAX"], port, paths)


def _run(
    name: str, options: list[str], port: int, paths: Sequence[Path]
) -> subprocess.CompletedProcess[str]:
    command = [require(name), *options, "127.0.0.1", str(port), *paths]
    return subprocess.run(
        [str(part) for part in command],
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
    )
