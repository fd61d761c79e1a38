"""The critic in the ensemble: where two members really differ on a class, a judge takes one."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.label.critic.choose import Decision, Sources, criticise
from training.label.critic.classes import CLASS_KEYS
from training.label.critic.question import Judge, Scan
from training.label.port import Subject
from training.label.vote import Ballot

UNJUDGED = "own"  # labels that came with the volume are what it is, no opinion about it
TWO = 2


@dataclass(frozen=True, slots=True)
class Critic:
    """A judge, and the folder that keeps its answers and pictures, a folder a volume."""

    judge: Judge
    folder: Path | None = None

    def settle(self, subject: Subject, ballots: Mapping[str, Ballot]) -> dict[int, Decision]:
        """Return the decisions by class id; `ballots` are the members' by name."""
        home = None if self.folder is None else self.folder / subject.name
        if home is not None:
            shutil.rmtree(home, ignore_errors=True)  # an earlier run's
        scan = Scan(subject.volume.hu, subject.rules.body, subject.volume.spacing_mm)
        settled: dict[int, Decision] = {}
        for (first, second), values in pairs(ballots).items():
            sources = Sources(first, ballots[first].labels, second, ballots[second].labels)
            place = None if home is None else home / f"{first}-{second}"
            decisions = criticise(scan, sources, values, self.judge, place)
            settled |= {values[decision.key]: decision for decision in decisions}
        return settled


def pairs(ballots: Mapping[str, Ballot]) -> dict[tuple[str, str], dict[str, int]]:
    """Return classes (key to id) by the two members that weigh most on them, the heavier first.

    A class that one of the two does not show at all is a question of where the scan ends, not of
    how to draw it, and is left to the vote.
    """
    shown = {name: set(np.unique(ballot.labels).tolist()) for name, ballot in ballots.items()}
    found: dict[tuple[str, str], dict[str, int]] = {}
    for number, key in CLASS_KEYS.items():
        weights = {name: ballot.weight_of(number) for name, ballot in ballots.items()}
        knowing = sorted((n for n, w in weights.items() if w), key=lambda name: -weights[name])
        first_two = knowing[:TWO]
        if len(first_two) < TWO or UNJUDGED in first_two:
            continue
        if all(number in shown[name] for name in first_two):
            found.setdefault((first_two[0], first_two[1]), {})[key] = number
    return found
