"""Offers for tests of destinations."""

from collections.abc import Mapping
from pathlib import Path

from service.domain.analysis import ObjectKind
from service.domain.delivering import DEFAULT_FAMILY, Family, Offer, Profile

Files = Mapping[ObjectKind, Path | tuple[Path, ...]]


def offer_of(path: Path) -> Offer:
    """Return the offer of this file alone, as a secondary capture without a stand-in."""
    return families_offer(ObjectKind.SC, {DEFAULT_FAMILY: {ObjectKind.SC: path}})


def families_offer(
    wanted: ObjectKind,
    families: Mapping[str, Files],
    *,
    objects: tuple[ObjectKind, ...] | None = None,
    instead: Mapping[ObjectKind, tuple[ObjectKind, ...]] | None = None,
) -> Offer:
    """Return the offer of families, best first; only `wanted` is wanted unless `objects` says."""
    made = tuple(
        Family(name, {kind: _files(each) for kind, each in files.items()})
        for name, files in families.items()
    )
    return Offer(wanted, made, Profile(objects or (wanted,), tuple(families), instead or {}))


def _files(paths: Path | tuple[Path, ...]) -> tuple[Path, ...]:
    return (paths,) if isinstance(paths, Path) else paths
