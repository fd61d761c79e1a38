"""What is in a stage's folder: `manifest.json`, and a journal of what was added since.

Finishing one of ten thousand items must not rewrite the other 9999, so each is one line in
`manifest.journal`. Whoever opens the folder reads both; a last line that a kill cut off is no line.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.durable import write_json

MANIFEST = "manifest.json"
JOURNAL = "manifest.journal"
Record = dict[str, Any]


def read_manifest(folder: Path) -> Record:
    """The manifest of a stage folder with what its journal adds, or an empty mapping."""
    path = folder / MANIFEST
    if not path.exists():
        return {}
    loaded: Record = json.loads(path.read_text(encoding="utf-8"))
    for kind, name, record in _journal(folder):
        for other in ("items", "failed"):
            loaded.setdefault(other, {}).pop(name, None)
        loaded[kind][name] = record
    return loaded


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the manifest whole; it then holds what the journal said."""
    write_json(folder / MANIFEST, content)
    (folder / JOURNAL).unlink(missing_ok=True)


def note(folder: Path, kind: str, name: str, record: Mapping[str, Any]) -> None:
    """Add one line to the journal, on the disk when this returns; `kind` is items or failed."""
    line = json.dumps([kind, name, record], sort_keys=True, default=str) + "\n"
    with (folder / JOURNAL).open("a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _journal(folder: Path) -> list[tuple[str, str, Record]]:
    path = folder / JOURNAL
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return [(kind, name, record) for kind, name, record in map(json.loads, lines[:-1])]
