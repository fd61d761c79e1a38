"""Packed samples for training: any sample at any time, one piece of one file each.

Random access, not a stream: a shuffle is a shuffle over everything, and what a step sees follows
from the step alone. Nothing is kept but where the samples lie, 32 bytes for each; what was read
lately the system keeps as far as it can, for all processes of a machine. Shards are WebDataset's:
for a set that lies far away, `webdataset.WebDataset` streams the same files.

Several ranks read disjoint samples: rank r of n takes every n-th sample from the r-th on, and all
take equally many, so that no rank waits for another at the end.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.channels import TRAINED_KEYS, trained_index
from training.fit.dataset import Sample
from training.pack.index import PackedShard, read_index
from training.pack.shard import Block, CorruptShard, PackedSample, read_sample
from training.pack.split import Split


class PackedSamples:
    """The samples of one split, or of all; a `training.fit.batches.SampleSource`.

    `left_out` names every shard that is missing or cut off, with its reason. `ignore` names
    channels per subject that count as unknown, `unknown` channels of all subjects. `kind`
    ("projection", "film"), `views` ("PA", "AP", "LATERAL", "FRONTAL") and `choose`, asked for each
    item, keep those alone. Raises NoPackedSet, and CorruptShard when a damaged sample is read.
    """

    def __init__(
        self,
        folder: Path,
        split: Split | None = None,
        *,
        kind: str | None = None,
        views: Collection[str] | None = None,
        choose: Callable[[str], bool] = lambda _: True,
        ignore: Mapping[str, Sequence[str]] | None = None,
        unknown: Sequence[str] = (),
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        wanted = (
            shard
            for shard in read_index(folder).shards
            if split in (None, shard.split) and kind in (None, shard.kind) and choose(shard.item)
        )
        self.left_out: dict[str, str] = {}
        self._folder = folder
        self._ignore = {**(ignore or {})}
        self._unknown = tuple(unknown)
        self._files: list[str] = []
        self._known = np.zeros(len(TRAINED_KEYS), dtype=bool)
        places = self._placed(wanted, views)
        self._places = places[rank : len(places) // ranks * ranks : ranks]

    def _placed(
        self, wanted: Iterable[PackedShard], views: Collection[str] | None
    ) -> npt.NDArray[np.int64]:
        """File number, start, size and CRC-32 of every sample that is shown, (samples, 4)."""
        found = [np.empty((0, 4), np.int64)]
        for shard in self._usable(wanted):
            shown = [n for n, view in enumerate(shard.views) if views is None or view in views]
            found.append(np.insert(shard.blocks[shown], 0, len(self._files), axis=1))
            self._files.append(shard.file)
            for view in {shard.views[n] for n in shown}:
                self._known |= self._taught(shard.item, shard.known[view])
        return np.concatenate(found)

    def _usable(self, wanted: Iterable[PackedShard]) -> Iterator[PackedShard]:
        for shard in wanted:
            try:
                shard.check(self._folder)
            except CorruptShard as error:
                self.left_out[shard.file] = str(error)
            else:
                yield shard

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Channels (taught channels,) that at least one sample knows."""
        return self._known

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> Sample:
        file, *block = (int(number) for number in self._places[index])
        return self._sample(read_sample(self._folder / self._files[file], Block(*block)))

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
