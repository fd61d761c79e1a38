"""`index.json` of a packed set: every shard, whose it is, and where in it each sample lies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.channels import TRAINED_KEYS
from training.pack.shard import CorruptShard
from training.pack.split import Split
from training.stage import StageFailed, read_manifest

INDEX = "index.json"
FORMAT = 2
"""Of shards and index; rises when a reader of the one before would not do."""

AREAS = "areas"
FILM, PROJECTION = "film", "projection"


class NoPackedSet(StageFailed):
    """There is no whole set in the folder, or one that this code cannot read: pack it again."""


@dataclass(frozen=True, slots=True)
class PackedShard:
    """One file of the set.

    `views` holds the view of each sample, `known` the channels that are known on each view;
    `blocks` int64 (samples, 3): start, size and CRC-32 of each sample (`shard.Block`).
    """

    file: str
    item: str
    split: Split
    kind: str
    bytes: int
    views: tuple[str, ...]
    known: Mapping[str, tuple[str, ...]]
    blocks: npt.NDArray[np.int64]

    def check(self, folder: Path) -> None:
        """Raise CorruptShard where the file is not there in its whole length."""
        path = folder / self.file
        if not path.exists():
            raise CorruptShard(f"{path.name}: missing")
        if path.stat().st_size != self.bytes:
            raise CorruptShard(f"{path.name}: {path.stat().st_size} bytes, not {self.bytes}")


@dataclass(frozen=True, slots=True)
class PackedIndex:
    """A whole packed set; `version` changes with everything in it."""

    version: str
    shards: tuple[PackedShard, ...]


def areas_file(item: str) -> Path:
    """Where in the set the areas of an item lie: `areas` float32 (samples, taught channels).

    Shares of the picture in the order of the item's shards; NaN where a channel is not known.
    """
    return Path(AREAS) / f"{item}.npz"


def read_index(folder: Path) -> PackedIndex:
    """The index of a packed set; raises NoPackedSet."""
    path = folder / INDEX
    if not path.exists():
        raise NoPackedSet(f"{folder} holds no packed set: `thorax-train pack` makes one")
    index = json.loads(path.read_text(encoding="utf-8"))
    if index.get("format") != FORMAT or tuple(index["channels"]) != TRAINED_KEYS:
        raise NoPackedSet(f"{folder} was packed in another format or with other channels: "
                          "pack it again")  # fmt: skip
    if read_manifest(folder).get("fingerprint", index["version"]) != index["version"]:
        raise NoPackedSet(f"the set in {folder} was not packed to its end: pack it again")
    return PackedIndex(index["version"], tuple(_shard(entry) for entry in index["shards"]))


def _shard(entry: Mapping[str, Any]) -> PackedShard:
    return PackedShard(
        file=entry["file"],
        item=entry["item"],
        split=Split(entry["split"]),
        kind=entry["kind"],
        bytes=entry["bytes"],
        views=tuple(entry["views"]),
        known={view: tuple(keys) for view, keys in entry["known"].items()},
        blocks=np.array(entry["blocks"], np.int64).reshape(-1, 3),
    )
