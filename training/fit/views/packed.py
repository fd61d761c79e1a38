"""Views in the shards of the stage `pack`, read from the disk sample by sample."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import compress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.channels import TRAINED_KEYS
from training.experiment import FitRecipe
from training.fit.batches import SampleSource
from training.misspelt import ExperimentError
from training.pack.index import PROJECTION, areas_file, read_index
from training.pack.reader import PackedSamples
from training.pack.shard import CorruptShard
from training.pack.split import Split
from training.project.geometry import ViewKind


class PackedViews:
    """The split decides: only subjects of `train` are trained on, those of `test` choose nothing.

    Raises NoPackedSet, and ExperimentError where the recipe asks for anything else by name.
    """

    stage = "pack"

    def __init__(self, folder: Path, recipe: FitRecipe, *, lateral: bool) -> None:
        index = read_index(folder)
        own = [shard for shard in index.shards if shard.kind == PROJECTION]
        self._all_views: defaultdict[str, list[str]] = defaultdict(list)
        for shard in own:
            self._all_views[shard.item] += shard.views
        shown = {view for views in self._all_views.values() for view in views}
        self._folder = folder
        self._recipe = recipe
        self._views = {view for view in shown if (view == ViewKind.LATERAL) is lateral}
        self._splits = {s.item: s.split for s in own if self._views.intersection(s.views)}
        self._refuse_against_the_split()
        self.fingerprint = index.version
        self.origin = f"projected, split train of packed set {index.version}"

    @property
    def trained(self) -> tuple[str, ...]:
        """Of the split `train`, those that the recipe names and does not hold out."""
        return tuple(filter(self._recipe.trains_on, self._of(Split.TRAIN)))

    @property
    def held(self) -> tuple[str, ...]:
        """The split `validation`, and of `train` what the recipe holds out."""
        named = [s for s in self._of(Split.TRAIN) if s in self._recipe.validate_on.subjects]
        return (*self._of(Split.VALIDATION), *named)

    @property
    def scored(self) -> tuple[str, ...]:
        """The split `test`; where that is empty, those that chose the checkpoint."""
        return self._of(Split.TEST) or self.held

    def samples(self, subjects: Collection[str], unknown: Sequence[str] = ()) -> SampleSource:
        """The views of these subjects; raises CorruptShard where a file is not there whole.

        A set without a part of it would be another set, and a resumed run another run.
        """
        found = PackedSamples(
            self._folder,
            kind=PROJECTION,
            views=self._views,
            choose=frozenset(subjects).__contains__,
            ignore=self._recipe.ignore,
            unknown=unknown,
        )
        if found.left_out:
            faults = "; ".join(found.left_out.values())
            raise CorruptShard(f"{self._folder}: {faults}; `thorax-train pack` makes it anew")
        return found

    def shown(self, subjects: Collection[str]) -> frozenset[str] | None:
        """Channels that at least one view of these subjects shows; None where no view is left.

        By the areas that were measured when they were packed: no picture is read for it.
        """
        found = [areas for subject in subjects for areas in self._areas(subject)]
        return frozenset(compress(TRAINED_KEYS, np.any(found, axis=0))) if found else None

    def _areas(self, subject: str) -> Iterator[npt.NDArray[np.bool_]]:
        """For each view of this direction, whether each channel is known and there."""
        with np.load(self._folder / areas_file(subject)) as file:
            there = file["areas"] > 0  # which is false where it is NaN, not known
        yield from there[[view in self._views for view in self._all_views[subject]]]

    def _of(self, split: Split) -> tuple[str, ...]:
        return tuple(subject for subject, own in self._splits.items() if own is split)

    def _refuse_against_the_split(self) -> None:
        if wrong := "\n".join(self._against_the_split()):
            raise ExperimentError(wrong)

    def _against_the_split(self) -> Iterator[str]:
        named, held = self._recipe.subjects, self._recipe.validate_on.subjects
        for subject, split in self._splits.items():
            place = f"{subject} is in the split {split} of pack"
            if subject in named and subject not in held and split is not Split.TRAIN:
                yield f"fit.subjects: {place}, which is not trained on"
            if subject in held and split is Split.TEST:
                yield f"fit.validate_on.subjects: {place}, which chooses nothing"
