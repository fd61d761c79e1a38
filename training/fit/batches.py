"""Batches made ahead of their step, each from its own seed, so that resuming repeats none of it."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch

from training.channels import trained_index
from training.fit.augment import Augmented, augment
from training.fit.dataset import Sample
from training.fit.tones import Tones


class SampleSource(Protocol):
    """A set of samples that can be drawn from by index; `known` is what any of them knows."""

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Channels (taught channels,) that at least one sample knows."""
        ...

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> Sample: ...


@dataclass(frozen=True, slots=True)
class Material:
    """Named sources of samples, and how often each is wanted; shares need not add up to one.

    `tones` are grey values of real films for the projections, where they are wanted.
    """

    sources: Mapping[str, SampleSource]
    shares: Mapping[str, float]
    tones: Tones | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures and what is known about them.

    strong, weak: (batch, 1, size, size) one geometry, `weak` without faults of the film.
    counts: uint8 (batch, channels, size / 2, size / 2), 0 to 4 pixels of 2 x 2 (`warp.FULL`).
    known: float (batch, channels), 1 or 0. is_film: bool (batch,). source: name of each source.
    """

    strong: torch.Tensor
    weak: torch.Tensor
    counts: torch.Tensor
    known: torch.Tensor
    is_film: torch.Tensor
    source: tuple[str, ...]

    def to(self, device: torch.device) -> "Batch":
        """The same batch on a device."""
        return Batch(
            self.strong.to(device),
            self.weak.to(device),
            self.counts.to(device),
            self.known.to(device),
            self.is_film.to(device),
            self.source,
        )


@dataclass(frozen=True, slots=True)
class Where:
    """A place of a batch: the step and the number of the place, counted over all processes."""

    step: int
    place: int


class Picker(Protocol):
    """Says from which source a place of the batch is filled (a mode does)."""

    def pick(self, shares: Mapping[str, float], where: "Where", random: np.random.Generator) -> str:
        """Name of a source."""
        ...


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What a batch is made of; `first_place` is where this process's part of it begins."""

    material: Material
    picker: Picker
    keys: tuple[str, ...]
    batch: int
    size: int
    seed: int
    strength: float
    first_place: int = 0

    def make(self, step: int) -> Batch:
        """The batch of a step: the same for every call, whatever was made before."""
        places = np.array([trained_index(key) for key in self.keys])
        drawn = [
            self._one(step, place, places)
            for place in range(self.first_place, self.first_place + self.batch)
        ]
        return collated(drawn)

    def _one(
        self, step: int, place: int, places: npt.NDArray[np.int64]
    ) -> tuple[Augmented, bool, str]:
        random = np.random.default_rng([self.seed, step, place])
        name = self.picker.pick(self.material.shares, Where(step, place), random)
        source = self.material.sources[name]
        sample = source[int(random.integers(len(source)))]
        tones = self.material.tones
        made = augment(sample, self.size, random, places, self.strength, tones)
        return made, sample.is_film, name


def by_share(shares: Mapping[str, float], random: np.random.Generator) -> str:
    """A source's name, drawn by the shares."""
    names = sorted(shares)
    weights = np.array([shares[name] for name in names])
    return names[int(random.choice(len(names), p=weights / weights.sum()))]


def collated(drawn: Sequence[tuple[Augmented, bool, str]]) -> Batch:
    """One batch of the drawn pictures; channels come last in memory, as in the network."""
    items = [item for item, _, _ in drawn]
    counts = torch.stack([item.counts for item in items])
    return Batch(
        torch.stack([item.strong for item in items]),
        torch.stack([item.weak for item in items]),
        counts.permute(0, 3, 1, 2),
        torch.stack([item.known for item in items]).float(),
        torch.tensor([is_film for _, is_film, _ in drawn]),
        tuple(name for _, _, name in drawn),
    )


def ahead(plan: BatchPlan, steps: range, workers: int) -> Iterator[Batch]:
    """Batches of the steps in order; `workers` threads make the next ones meanwhile, 0 is none.

    Threads suffice: the work is inside numpy and torch, which let go of the interpreter.
    """
    if workers == 0:
        yield from map(plan.make, steps)
        return
    with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        waiting: deque[Future[Batch]] = deque()
        todo = iter(steps)
        try:
            waiting.extend(pool.submit(plan.make, step) for step in islice(todo, workers + 1))
            while waiting:
                made = waiting.popleft().result()
                waiting.extend(pool.submit(plan.make, step) for step in islice(todo, 1))
                yield made
        finally:
            for future in waiting:
                future.cancel()
