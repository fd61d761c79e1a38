"""The labels of other volumes, carried by registration; several atlases vote voxel by voxel."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from training.durable import whole_file
from training.label.atlas import Atlas, carry_labels, fit_labels, key_of
from training.label.labelled import Labels
from training.label.port import MEMBERS, MemberUnavailable, Proposal, Setting, Subject
from training.label.vote import Ballot, vote

# A picture difference above this was an overlooked failure in every volume looked at.
WORST_DIFFERENCE = 0.2


@MEMBERS.register("atlas")
class AtlasMember:
    """Every atlas registered onto the volume, its labels fitted to what the volume shows."""

    def __init__(self, setting: Setting) -> None:
        """Need at least one atlas."""
        if not setting.atlases:
            raise MemberUnavailable("no labelled volume is named as atlas")
        self._atlases: Mapping[str, Atlas] = setting.atlases
        self._cache = setting.cache

    def propose(self, subject: Subject) -> Proposal:
        """Return the vote of all atlases but the subject itself."""
        ballots, notes = [], {}
        for name, atlas in self._atlases.items():
            if name == subject.name:
                continue
            labels, difference = self._carried(name, atlas, subject)
            notes[f"difference_{name}"] = round(difference, 4)
            if difference <= WORST_DIFFERENCE:
                fitted = fit_labels(labels, subject.volume, subject.rules)
                ballots.append(Ballot(fitted, atlas.known, 1.0))
        if not ballots:
            raise MemberUnavailable(f"no atlas fits: {notes or 'the volume is the only atlas'}")
        if len(ballots) == 1:
            return Proposal(ballots[0].labels, ballots[0].known, notes)
        return Proposal(vote(ballots), frozenset[int]().union(*(b.known for b in ballots)), notes)

    def _carried(self, name: str, atlas: Atlas, subject: Subject) -> tuple[Labels, float]:
        """The registered labels, from the cache where this pair is in it."""
        if self._cache is None:
            return carry_labels(atlas, subject.volume, subject.rules)
        path = self._cache / f"{name}-to-{subject.name}.npz"
        key = key_of(atlas, subject.volume, subject.rules)
        kept = _kept(path, key)
        if kept is None:
            kept = carry_labels(atlas, subject.volume, subject.rules)
            _keep(path, kept, key)
        return kept


def _kept(path: Path, key: str) -> tuple[Labels, float] | None:
    if not path.exists():
        return None
    with np.load(path) as file:
        if str(file["key"]) != key:
            return None
        return np.asarray(file["labels"], np.uint8), float(file["difference"])


def _keep(path: Path, carried: tuple[Labels, float], key: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    labels, difference = carried
    with whole_file(path) as temporary:
        np.savez_compressed(temporary, labels=labels, difference=difference, key=key)
