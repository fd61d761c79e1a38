"""Several label maps become one: per voxel and class, the weighted share of those who know it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from training.label.labelled import Labels, Mask

MAJORITY = 0.5


@dataclass(frozen=True, slots=True)
class Ballot:
    """One voter's labels, the ids it knows, its weight, and other weights for some ids."""

    labels: Labels
    known: frozenset[int]
    weight: float
    special: Mapping[int, float] = field(default_factory=dict)

    def weight_of(self, label: int) -> float:
        """What this voter's word on a class weighs; nothing where it does not know the class."""
        return self.special.get(label, self.weight) if label in self.known else 0.0


def vote(ballots: Sequence[Ballot]) -> Labels:
    """Return the labels with the largest share; half or less of those who know it is not enough.

    Where two classes have equal shares, the one with more weight behind it wins.
    """
    if len(ballots) == 1:
        known = np.isin(ballots[0].labels, sorted(ballots[0].known))
        return np.where(known, ballots[0].labels, 0).astype(np.uint8)
    shape = ballots[0].labels.shape
    winner, best = np.zeros(shape, np.uint8), np.full(shape, MAJORITY, np.float32)
    every = frozenset[int]().union(*(ballot.known for ballot in ballots))
    alone = {label for label in every if sum(label in b.known for b in ballots) == 1}
    for ballot in sorted(ballots, key=lambda b: -b.weight):
        # What one voter alone knows is all of its own share, and needs no counting.
        table = np.zeros(256, np.uint8)
        for label in alone & ballot.known:
            table[label] = label
        said = table[ballot.labels]
        won = (said > 0) & (best < 1)
        winner[won], best[won] = said[won], 1
    for label in sorted(every - alone, key=lambda i: (-_total(ballots, i), i)):
        share = _share(ballots, label)
        if share is not None:
            better = share > best
            winner[better], best[better] = label, share[better]
    return winner


def _total(ballots: Sequence[Ballot], label: int) -> float:
    return sum(ballot.weight_of(label) for ballot in ballots)


def _share(ballots: Sequence[Ballot], label: int) -> npt.NDArray[np.float32] | None:
    total = _total(ballots, label)
    masks = [(b.weight_of(label), b.labels == label) for b in ballots if b.weight_of(label)]
    if not any(mask.any() for _, mask in masks):
        return None
    return np.asarray(sum(weight / total * mask for weight, mask in masks), np.float32)


def agreement(ballots: Sequence[Ballot], label: int) -> float | None:
    """Return the mean Dice between pairs of voters who know the class; None for less than two.

    Two voters who both say that it is absent agree wholly.
    """
    masks = [ballot.labels == label for ballot in ballots if ballot.weight_of(label)]
    pairs = [dice(a, b) for i, a in enumerate(masks) for b in masks[i + 1 :]]
    return float(np.mean(pairs)) if pairs else None


def dice(first: Mask, second: Mask) -> float:
    """Return twice the overlap over the sum of both; 1 for two empty masks."""
    total = int(first.sum()) + int(second.sum())
    return 2 * int((first & second).sum()) / total if total else 1.0
