"""The ensemble: every member that can run proposes labels, and they become one map per volume."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from service.plugins import load
from training.label import members
from training.label.critic.choose import Decision
from training.label.critic.settle import Critic
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
    """One map of ids, what is known of it, why members kept silent, and how the rest agreed.

    `settled` are the critic's decisions by class id, the undecided ones included.
    """

    labels: Labels
    known: frozenset[int]
    silent: Mapping[str, str]
    agreement: Mapping[int, float]
    notes: Mapping[str, Mapping[str, float]]
    settled: Mapping[int, Decision] = field(default_factory=dict)


Settle = Callable[[Mapping[str, Ballot]], Mapping[int, Decision]]


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The members that can run here, by name, the reasons of those that cannot, and a critic."""

    members: Mapping[str, Member]
    silent: Mapping[str, str]
    critic: Critic | None = None

    @classmethod
    def of(cls, names: Iterable[str], setting: Setting, critic: Critic | None = None) -> "Ensemble":
        """Make the named members; an unknown name raises `UnknownPlugin`."""
        load(members)
        ready, silent = {}, {}
        for name in names:
            try:
                ready[name] = MEMBERS.get(name)(setting)
            except MemberUnavailable as reason:
                silent[name] = str(reason)
        return cls(ready, silent, critic)

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
        settle = partial(self.critic.settle, subject) if self.critic is not None else None
        return fuse(proposals, silent, settle)


def fuse(
    proposals: Mapping[str, Proposal], silent: Mapping[str, str], settle: Settle | None = None
) -> Fused:
    """Vote; a class on which equals disagree too much is left unknown.

    What `settle` decides is taken from the member it names, and nobody else is asked. Raises
    `MemberUnavailable` when nobody proposed anything.
    """
    if not proposals:
        raise MemberUnavailable(f"no member could label this volume: {dict(silent)}")
    named = {name: _ballot(name, proposal) for name, proposal in proposals.items()}
    known = frozenset[int]().union(*(ballot.known for ballot in named.values()))
    for whole, lobes in ((LEFT_LUNG, LEFT_LOBES), (RIGHT_LUNG, RIGHT_LOBES)):
        if known >= set(lobes):
            known -= {whole}
    named = {name: replace(ballot, known=ballot.known & known) for name, ballot in named.items()}
    ballots = list(named.values())
    settled = settle(named) if settle is not None else {}
    winners = {number: d.chosen for number, d in settled.items() if not d.undecided}
    agreed = {label: agreement(ballots, label) for label in sorted(known)}
    figures = {label: round(value, 3) for label, value in agreed.items() if value is not None}
    doubtful = {label for label, value in figures.items() if value < LEAST_AGREEMENT}
    disputed = {i for i in doubtful if i not in winners and not _decided(ballots, i)}
    notes = {name: proposal.notes for name, proposal in proposals.items() if proposal.notes}
    heard = [_heard(name, ballot, winners) for name, ballot in named.items()]
    return Fused(vote(heard), known - disputed, silent, figures, notes, settled)


def _ballot(name: str, proposal: Proposal) -> Ballot:
    weight = WEIGHTS.get(name, WEIGHT)
    return Ballot(proposal.labels, proposal.known, weight, SPECIAL.get(name, {}))


def _heard(name: str, ballot: Ballot, winners: Mapping[int, str]) -> Ballot:
    """Return the ballot without the classes that the critic gave to others."""
    lost = {label for label, winner in winners.items() if winner != name}
    return replace(ballot, known=ballot.known - lost)


def _decided(ballots: Iterable[Ballot], label: int) -> bool:
    """Whether one member outweighs all others together."""
    weights = sorted(ballot.weight_of(label) for ballot in ballots)
    return weights[-1] > sum(weights[:-1])
