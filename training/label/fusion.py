"""The ensemble: every member that can run proposes labels, and they become one map per volume."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.plugins import load
from training.label import members
from training.label.labelled import Labels
from training.label.port import (
    MEMBERS,
    Member,
    MemberUnavailable,
    Proposal,
    Setting,
    Subject,
)
from training.label.total_ids import (
    EVERY_ID,
    LEFT_LOBES,
    LEFT_LUNG,
    LOBES,
    RIGHT_LOBES,
    RIGHT_LUNG,
    TRACHEA,
)
from training.label.vote import Ballot, agreement, vote

# What a member's word weighs. The largest weight for a class is its preferred source, and decides
# wherever it outweighs all others together.
WEIGHTS = {"own": 16.0, "totalsegmentator": 6.0, "nnunet": 3.0, "atlas": 1.0, "student": 0.8}
WEIGHT = 0.5  # of any other member
# HU and geometry know the airway better than a registration does; lobes follow the lungs of rules.
SPECIAL: Mapping[str, Mapping[int, float]] = {
    "rules": {TRACHEA: 2.0},
    "atlas": dict.fromkeys(LOBES, 1.5),
}
LEAST_AGREEMENT = 0.4  # below, and without a preferred source, a class is unknown


@dataclass(frozen=True, slots=True)
class Fused:
    """One map of ids, what is known of it, why members kept silent, and how the rest agreed."""

    labels: Labels
    known: frozenset[int]
    silent: Mapping[str, str]
    agreement: Mapping[int, float]
    notes: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The members that can run here, by name, and the reasons of those that cannot."""

    members: Mapping[str, Member]
    silent: Mapping[str, str]

    @classmethod
    def of(cls, names: Iterable[str], setting: Setting) -> "Ensemble":
        """Make the named members; an unknown name raises `UnknownPlugin`."""
        load(members)
        ready, silent = {}, {}
        for name in names:
            try:
                ready[name] = MEMBERS.get(name)(setting)
            except MemberUnavailable as reason:
                silent[name] = str(reason)
        return cls(ready, silent)

    def label(self, subject: Subject) -> Fused:
        """Ask every member and put the answers together."""
        proposals: dict[str, Proposal] = {}
        silent = dict(self.silent)
        for name, member in self.members.items():
            if "own" in proposals and proposals["own"].known >= EVERY_ID:
                silent[name] = "the volume came with every class labelled"
                continue
            try:
                proposals[name] = member.propose(subject)
            except MemberUnavailable as reason:
                silent[name] = str(reason)
        return fuse(proposals, silent)


def fuse(proposals: Mapping[str, Proposal], silent: Mapping[str, str]) -> Fused:
    """Vote; a class on which equals disagree too much is left unknown.

    Raises `MemberUnavailable` when nobody proposed anything.
    """
    if not proposals:
        raise MemberUnavailable(f"no member could label this volume: {dict(silent)}")
    ballots = [_ballot(name, proposal) for name, proposal in proposals.items()]
    known = frozenset[int]().union(*(ballot.known for ballot in ballots))
    for whole, lobes in ((LEFT_LUNG, LEFT_LOBES), (RIGHT_LUNG, RIGHT_LOBES)):
        if known >= set(lobes):
            known -= {whole}
    ballots = [Ballot(b.labels, b.known & known, b.weight, b.special) for b in ballots]
    agreed = {label: agreement(ballots, label) for label in sorted(known)}
    figures = {label: round(value, 3) for label, value in agreed.items() if value is not None}
    disputed = {i for i, v in figures.items() if v < LEAST_AGREEMENT and not _decided(ballots, i)}
    notes = {name: proposal.notes for name, proposal in proposals.items() if proposal.notes}
    return Fused(vote(ballots), known - disputed, silent, figures, notes)


def _ballot(name: str, proposal: Proposal) -> Ballot:
    weight = WEIGHTS.get(name, WEIGHT)
    return Ballot(proposal.labels, proposal.known, weight, SPECIAL.get(name, {}))


def _decided(ballots: Iterable[Ballot], label: int) -> bool:
    """Whether one member outweighs all others together."""
    weights = sorted(ballot.weight_of(label) for ballot in ballots)
    return weights[-1] > sum(weights[:-1])
