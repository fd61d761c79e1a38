"""Which of the 159 labels a package does not have, and why: from what the run knows."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from service.anatomy.structures import Structure, structures
from training.channels import CHANNELS, Kind, Views

NO_FREE_SOURCE = {
    "heart_": "no label source with a free licence: TotalSegmentator's open task has the heart "
    "whole, its task for the chambers needs a licence",
    "pulmonary_artery": "no label source with a free licence: TotalSegmentator's open task of "
    "version 2 has pulmonary veins, not the artery",
}
"""By the beginning of the key."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the volumes of a run could say.

    labelled: structures that were looked for in at least one volume. seen: channels that at least
    one training picture shows; None when the pictures are no longer there.
    """

    labelled: frozenset[str]
    seen: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Missing:
    """A label of the 159 that the package does not have."""

    structure: Structure
    reason: str


def missing_labels(have: Collection[str], known: Known, *, lateral: bool) -> list[Missing]:
    """The labels with a name in the CXAS data set that are not among the keys `have`."""
    wanted = [each for each in structures() if each.cxas_name is not None]
    return [
        Missing(each, _reason(each.key, have, known, lateral=lateral))
        for each in wanted
        if each.key not in have
    ]


def never_seen(have: Collection[str], known: Known) -> list[str]:
    """Channels that the package has and that no training picture shows: they stay empty."""
    if known.seen is None:
        return []
    taught = [channel.key for channel in CHANNELS if channel.kind is not Kind.UNION]
    return [key for key in taught if key in have and key not in known.seen]


def _reason(key: str, have: Collection[str], known: Known, *, lateral: bool) -> str:
    channel = next((each for each in CHANNELS if each.key == key), None)
    if channel is None:
        return "this project has no channel for it"
    if lateral and channel.views is Views.FRONTAL:
        return "has a meaning on frontal views alone"
    if channel.kind is Kind.UNION:
        absent = [part for part in channel.parts if part not in have]
        return f"a union whose parts are not all there: {', '.join(absent)}"
    if key in known.labelled:
        return "labelled in a volume, but left out of this training"
    return next(
        _sourceless(key),
        "labelled in none of the volumes: outside their field of view, "
        "or cut by its edge, or not found with certainty",
    )


def _sourceless(key: str) -> Iterator[str]:
    yield from (why for beginning, why in NO_FREE_SOURCE.items() if key.startswith(beginning))
