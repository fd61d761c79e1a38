"""What every stage shares: a folder, a manifest that says what is in it, and resuming after a kill.

A stage is a list of items (a volume, a view set). Each item is written under a temporary name and
renamed, then entered in `manifest.json`; a second run does only what is missing. When settings or
inputs change, the fingerprint changes and everything in the folder counts as missing.
"""

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

MANIFEST = "manifest.json"


def fingerprint(*parts: object) -> str:
    """Short stable hash of JSON-serialisable settings."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def code_version() -> str:
    """Commit of the checkout that runs, or `unknown` outside one."""
    command = ["git", "rev-parse", "HEAD"]
    here = Path(__file__).parent
    done = subprocess.run(  # noqa: S603 - fixed words
        command, cwd=here, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def write_json(path: Path, value: object) -> None:
    """Write JSON so that a reader sees the old file or the new one, never half of it."""
    temporary = path.with_suffix(path.suffix + ".part")
    temporary.write_text(json.dumps(value, indent=1, sort_keys=True, default=str))
    temporary.replace(path)


@dataclass(slots=True)
class Stage:
    """An open stage folder: `items` maps an item's name to what its maker recorded about it."""

    folder: Path
    name: str
    fingerprint: str
    settings: Mapping[str, Any]
    inputs: Mapping[str, str]
    items: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def open(
        cls, folder: Path, name: str, settings: Mapping[str, Any], inputs: Mapping[str, str]
    ) -> "Stage":
        """Open `folder`, keeping what an earlier run with the same settings and inputs finished."""
        folder.mkdir(parents=True, exist_ok=True)
        stage = cls(folder, name, fingerprint(name, settings, inputs), settings, inputs)
        earlier = read_manifest(folder)
        if earlier.get("fingerprint") == stage.fingerprint:
            stage.items = earlier["items"]
        stage.save()
        return stage

    def save(self) -> None:
        """Write the manifest."""
        content = {
            "stage": self.name,
            "fingerprint": self.fingerprint,
            "settings": self.settings,
            "inputs": self.inputs,
            "code_version": code_version(),
            "items": self.items,
        }
        write_json(self.folder / MANIFEST, content)

    def each(self, names: Iterable[str], make: Callable[[str], dict[str, Any]]) -> None:
        """Call `make(name)` for every item not done yet, with a progress bar."""
        todo = [name for name in names if name not in self.items]
        for name in tqdm(todo, desc=self.name, unit="item", disable=not todo):
            self.items[name] = make(name)
            self.save()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a stage folder, or an empty mapping when there is none."""
    path = folder / MANIFEST
    loaded: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return loaded
