"""What every stage shares: a folder, a manifest that says what is in it, and resuming after a kill.

A stage is a list of items (a volume, a view set). Each item is written under another name and
renamed (`training.durable.whole_file`), then noted in the manifest; a second run makes only what is
missing. An item counts as made while its key is the same: the hash of the stage's settings and
inputs and of the item's own input, so that one volume more is one item more. What fails is noted
with its reason, and tried again by the next run; the rest goes on.
"""

import hashlib
import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from tqdm import tqdm

from training.durable import sweep
from training.executors.port import Executor, Make, Outcome
from training.executors.serial import Serial
from training.failure import DiskFull, is_disk_full
from training.manifest import Record, note, read_manifest, write_manifest
from training.summary import Summary

__all__ = [
    "Stage",
    "StageBusy",
    "StageFailed",
    "code_version",
    "fingerprint",
    "hash_of",
    "read_manifest",
]

LOCK = ".lock"
HANDED_ON = ("source", "licence")
FILES = "files"


class StageBusy(RuntimeError):
    """Another process works in this folder."""


class StageFailed(RuntimeError):
    """A stage without which the next ones have nothing to do has failed; the text says why."""


def fingerprint(*parts: object) -> str:
    """Short stable hash of JSON-serialisable settings."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def hash_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def code_version() -> str:
    """Commit of the checkout that runs, or `unknown` outside one."""
    command = ["git", "rev-parse", "HEAD"]
    here = Path(__file__).parent
    done = subprocess.run(  # noqa: S603 - fixed words
        command, cwd=here, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


@dataclass(slots=True)
class Stage:
    """An open stage folder: `items` maps an item's name to what its maker recorded about it.

    `upstream` holds, by item, what this stage reads: an earlier stage's items, of which `key` says
    whether the input is still the same and `source` and `licence` are handed on.
    """

    folder: Path
    name: str
    settings: Mapping[str, Any]
    inputs: Mapping[str, str]
    upstream: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    items: dict[str, Record] = field(default_factory=dict)
    failed: dict[str, Record] = field(default_factory=dict)
    _lock: FileLock = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._lock = FileLock(self.folder / LOCK)

    @classmethod
    def open(
        cls,
        folder: Path,
        name: str,
        settings: Mapping[str, Any],
        inputs: Mapping[str, str],
        upstream: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> "Stage":
        """Open `folder`, keeping what earlier runs with the same settings and inputs finished.

        Raises StageBusy while another process has the folder.
        """
        folder.mkdir(parents=True, exist_ok=True)
        stage = cls(folder, name, settings, inputs, upstream or {})
        with stage.locked():
            stage._load()
            stage.save()
        return stage

    @property
    def fingerprint(self) -> str:
        """Changes with settings, inputs and with every item that comes or goes."""
        return fingerprint(self._base, sorted(item["key"] for item in self.items.values()))

    @property
    def _base(self) -> str:
        return fingerprint(self.name, self.settings, self.inputs)

    def key(self, name: str) -> str:
        """Changes whenever the item has to be made anew."""
        return fingerprint(self._base, name, self.upstream.get(name, {}).get("key", ""))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out of the folder; the system opens the lock when this one dies."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise StageBusy(f"another process is at work in {self.folder}") from None
        try:
            yield
        finally:
            self._lock.release()

    def save(self) -> None:
        """Write the manifest."""
        for name, item in self.items.items():
            item.setdefault("key", self.key(name))
        content = {
            "stage": self.name,
            "fingerprint": self.fingerprint,
            "settings": self.settings,
            "inputs": self.inputs,
            "code_version": code_version(),
            "items": self.items,
            "failed": self.failed,
        }
        with self.locked(), self._stopping_when_full():
            write_manifest(self.folder, content)

    def each(self, names: Iterable[str], make: Make, executor: Executor | None = None) -> Summary:
        """Make every item that is not there yet, with a progress bar; returns what became of them.

        Items that are no longer asked for are forgotten. Raises StageBusy, and DiskFull, after
        which everything finished is kept and nothing half-written remains.
        """
        wanted = list(dict.fromkeys(names))
        with self.locked():
            sweep(self.folder)
            self._load()
            self._keep_only(wanted)
            todo = [name for name in wanted if name not in self.items]
            try:
                self._make(todo, make, executor or Serial(), len(wanted))
            finally:
                self.save()
        summary = Summary.of(self.name, wanted, todo, self.items, self.failed)
        tqdm.write(summary.as_text())
        return summary

    def _make(self, todo: list[str], make: Make, executor: Executor, total: int) -> None:
        bar = tqdm(
            desc=self.name,
            unit="item",
            total=total,
            initial=total - len(todo),
            disable=not todo,
        )
        with bar, self._stopping_when_full():
            for outcome in executor.each(todo, make, self.folder):
                self._note(outcome)
                bar.update()

    def _note(self, outcome: Outcome) -> None:
        name = outcome.name
        if outcome.failure is not None:
            self.failed[name] = {**asdict(outcome.failure), "reason": outcome.failure.reason}
            note(self.folder, "failed", name, self.failed[name])
            return
        given = self.upstream.get(name, {})
        handed_on = {word: given[word] for word in HANDED_ON if word in given}
        self.failed.pop(name, None)
        self.items[name] = {**handed_on, **(outcome.record or {}), "key": self.key(name)}
        note(self.folder, "items", name, self.items[name])

    @contextmanager
    def _stopping_when_full(self) -> Iterator[None]:
        try:
            yield
        except DiskFull:
            raise
        except OSError as error:
            if is_disk_full(error, self.folder):
                raise DiskFull(self.folder) from error
            raise

    def _load(self) -> None:
        earlier = read_manifest(self.folder)
        self.items = {n: i for n, i in earlier.get("items", {}).items() if self._is_made(n, i)}
        self.failed = {n: f for n, f in earlier.get("failed", {}).items() if n not in self.items}

    def _is_made(self, name: str, item: Mapping[str, Any]) -> bool:
        is_current = item.get("key") == self.key(name)
        return is_current and all((self.folder / file).exists() for file in item.get(FILES, ()))

    def _keep_only(self, wanted: list[str]) -> None:
        for gone in set(self.items) - set(wanted):
            del self.items[gone]
        self.failed = {name: why for name, why in self.failed.items() if name in set(wanted)}
