"""The labels of other volumes, carried by registration; several atlases vote voxel by voxel."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from training.durable import whole_file
from training.label.atlas import Atlas, Carried, carry_labels, fit_labels, key_of
from training.label.port import MEMBERS, MemberUnavailable, Proposal, Setting, Subject
from training.label.vote import Ballot, vote

# Of the volumes looked at, good ones had 0.02 to 0.06, one with a slipped rib 0.1.
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
            carried = self._carried(name, atlas, subject)
            notes[f"difference_{name}"] = round(carried.difference, 4)
            notes[f"covered_{name}"] = round(carried.covered, 3)
            notes[f"unevenness_{name}"] = round(carried.unevenness, 3)
            if carried.difference <= WORST_DIFFERENCE:
                fitted = fit_labels(carried.labels, subject.volume, subject.rules)
                ballots.append(Ballot(fitted, carried.knows(atlas), 1.0))
        if not ballots:
            raise MemberUnavailable(f"no atlas fits: {notes or 'the volume is the only atlas'}")
        if len(ballots) == 1:
            return Proposal(ballots[0].labels, ballots[0].known, notes)
        return Proposal(vote(ballots), frozenset[int]().union(*(b.known for b in ballots)), notes)

    def _carried(self, name: str, atlas: Atlas, subject: Subject) -> Carried:
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


def _kept(path: Path, key: str) -> Carried | None:
    if not path.exists():
        return None
    with np.load(path) as file:
        if str(file["key"]) != key:
            return None
        labels = np.asarray(file["labels"], np.uint8)
        figures = (float(file[word]) for word in ("difference", "covered", "unevenness"))
        return Carried(labels, *figures)


def _keep(path: Path, carried: Carried, key: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as temporary:
        np.savez_compressed(
            temporary,
            labels=carried.labels,
            key=np.array(key),
            difference=np.array(carried.difference),
            covered=np.array(carried.covered),
            unevenness=np.array(carried.unevenness),
        )
