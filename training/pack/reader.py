"""Packed samples for training: any sample at any time, out of mapped files.

Random access, not a stream: pictures are views into files that the system keeps in memory as far
as it can and that all processes of a machine share, so that two cores spend their time on training
and a shuffle is a shuffle over everything. Shards are WebDataset's: for a set that lies far away or
is larger than the memory, `webdataset.WebDataset` streams the same files.

Several ranks read disjoint samples: rank r of n takes every n-th sample from the r-th on, and all
take equally many, so that no rank waits for another at the end.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.channels import TRAINED_KEYS, trained_index
from training.fit.dataset import Sample
from training.pack.shard import CorruptShard, PackedSample, Shard
from training.pack.split import Split
from training.pack.stage import INDEX
from training.stage import hash_of


class OtherVocabulary(ValueError):
    """The set was packed with other channels than this code has: pack it again."""


class PackedSamples:
    """The samples of one split; has what `training.fit.loop.SampleSource` asks for.

    `left_out` names every shard that cannot be used, with its reason. `ignore` names channels per
    subject that count as unknown, `unknown` channels of all subjects. `kind` ("projection", "film")
    and `views` ("PA", "AP", "LATERAL", "FRONTAL") keep those alone. Raises OtherVocabulary.
    """

    def __init__(
        self,
        folder: Path,
        split: Split,
        *,
        kind: str | None = None,
        views: Collection[str] | None = None,
        ignore: Mapping[str, Sequence[str]] | None = None,
        unknown: Sequence[str] = (),
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        if tuple(index["channels"]) != TRAINED_KEYS:
            raise OtherVocabulary(f"{folder} was packed with other channels: pack it again")
        wanted = [
            entry
            for entry in index["shards"]
            if entry["split"] == split and kind in (None, entry["kind"])
        ]
        self.left_out: dict[str, str] = {}
        self._ignore = {**(ignore or {})}
        self._unknown = tuple(unknown)
        self._shards: list[Shard] = []
        self._known = np.zeros(len(TRAINED_KEYS), dtype=bool)
        places: list[tuple[int, int]] = []
        for entry, shard in self._usable(folder, wanted):
            shown = [n for n, view in enumerate(entry["views"]) if views is None or view in views]
            places += [(len(self._shards), n) for n in shown]
            self._shards.append(shard)
            for view in {entry["views"][n] for n in shown}:
                self._known |= self._taught(entry["item"], entry["known"][view])
        self._places = places[rank : len(places) // ranks * ranks : ranks]

    def _usable(
        self, folder: Path, wanted: Sequence[Mapping[str, Any]]
    ) -> Iterator[tuple[Mapping[str, Any], Shard]]:
        for entry in wanted:
            try:
                yield entry, _checked(folder, entry)
            except CorruptShard as error:
                self.left_out[entry["file"]] = str(error)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Channels (taught channels,) that at least one sample knows."""
        return self._known

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> Sample:
        shard, place = self._places[index]
        return self._sample(self._shards[shard][place])

    def _sample(self, packed: PackedSample) -> Sample:
        known = self._taught(packed.subject, packed.known)
        water = packed.water.astype(np.float32)
        bone = np.zeros_like(water) if packed.bone is None else packed.bone.astype(np.float32)
        return Sample(water, bone, packed.masks, known, is_film=packed.is_film)

    def _taught(self, subject: str, keys: Sequence[str]) -> npt.NDArray[np.bool_]:
        known = np.zeros(len(TRAINED_KEYS), dtype=bool)
        known[[trained_index(key) for key in keys]] = True
        gone = (*self._ignore.get(subject, ()), *self._unknown)
        known[[trained_index(key) for key in gone]] = False
        return known


def _checked(folder: Path, entry: Mapping[str, Any]) -> Shard:
    """The shard of an index entry; raises CorruptShard when it is not the one that was written."""
    path = folder / entry["file"]
    if not path.exists():
        raise CorruptShard(f"{path.name}: missing")
    if path.stat().st_size != entry["bytes"]:
        raise CorruptShard(f"{path.name}: {path.stat().st_size} bytes, not {entry['bytes']}")
    if hash_of(path) != entry["sha256"]:
        raise CorruptShard(f"{path.name}: its bytes are not those that were written")
    shard = Shard(path)
    if len(shard) != entry["samples"]:
        raise CorruptShard(f"{path.name}: {len(shard)} samples, not {entry['samples']}")
    return shard
