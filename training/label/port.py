"""What a member of the ensemble is: it looks at one volume and proposes labels for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from service.plugins import Registry
from training.ingest.volume import Volume
from training.label.atlas import Atlas
from training.label.labelled import Labels
from training.label.rules import Rules


class MemberUnavailable(RuntimeError):
    """A member that cannot run here, or not on this volume; the message says why."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One member's labels: TotalSegmentator v2 ids, uint8 (z, y, x), disjoint.

    `known` holds the ids that the member looked for and vouches for on this volume: one of them
    without voxels is absent, any other id is unknown to this member. `notes` are figures for the
    manifest (how well a registration fits, for instance).
    """

    labels: Labels
    known: frozenset[int]
    notes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """One volume to be labelled, and what the rules found in it."""

    name: str
    volume: Volume
    rules: Rules


@dataclass(frozen=True, slots=True)
class Setting:
    """What members may need besides the volume; what is None or empty is not there.

    `cache` is a folder where a member keeps what took long, one file a subject.
    """

    atlases: Mapping[str, Atlas] = field(default_factory=dict)
    nnunet: Path | None = None
    student: Path | None = None
    cache: Path | None = None


class Member(Protocol):
    """Looks at one volume."""

    def propose(self, subject: Subject) -> Proposal:
        """Return labels, or raise `MemberUnavailable`."""
        ...


MEMBERS: Registry[Callable[[Setting], Member]] = Registry("label member")
"""By name: what makes the member; raises `MemberUnavailable` where it cannot run at all."""
