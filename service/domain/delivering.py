"""What a destination wants, what it may be offered, and what it was sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.domain.analysis import ObjectKind, Reason

DEFAULT_FAMILY = ""
"""The family whose files lie at the top of a job's results; others have a folder of their name."""

AS_WANTED = "as_wanted"
"""The code of what was sent just as the destination wants it."""

OTHER_FORM = "other_form"
"""The code of the wanted kind from another family than the best."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What one destination wants.

    objects: the wanted kinds. families: names of the families that may go there, best first; an
    SR names the SEG of its own family, so one destination gets objects of one family.
    instead: for a wanted kind that the peer does not take, the kinds that may stand in, best first.
    """

    objects: tuple[ObjectKind, ...]
    families: tuple[str, ...] = (DEFAULT_FAMILY,)
    instead: Mapping[ObjectKind, tuple[ObjectKind, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Family:
    """Objects of one job that belong together: the files of each kind that was made."""

    name: str
    files: Mapping[ObjectKind, tuple[Path, ...]]


@dataclass(frozen=True, slots=True)
class Offer:
    """All that may be sent for one wanted kind: the job's families, best first, and the profile."""

    wanted: ObjectKind
    families: tuple[Family, ...]
    profile: Profile


def asked_for_later(family: str, profile: Profile) -> Reason | None:
    """Return the reason why a family goes that the settings do not ask for; None when they do."""
    if family in profile.families:
        return None
    return Reason(OTHER_FORM, "the form that is wanted now was not made when this was analysed")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a destination has for a wanted kind, and why that.

    SOP Instance UID: the first, where a kind is several instances. transfer_syntax_uid: in which
    it was sent, which may not be that of the file.
    """

    kind: ObjectKind
    family: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    why: Reason
