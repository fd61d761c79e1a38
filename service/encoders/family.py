"""Families: ways of encoding one analysis, each with objects that name each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.analysis import ObjectKind
from service.domain.delivering import DEFAULT_FAMILY
from service.encoders.registry import EncodingOptions


@dataclass(frozen=True, slots=True)
class FamilyOptions:
    """One family: its name, how it is encoded, and of which kinds, in the order of ObjectKind."""

    name: str
    encoding: EncodingOptions
    kinds: tuple[ObjectKind, ...]


def all_families(
    encoding: EncodingOptions, always: Sequence[ObjectKind], further: Sequence[FamilyOptions]
) -> tuple[FamilyOptions, ...]:
    """Return each family once, the default one first: what is made `always`, and what is asked for.

    `further` may ask for more kinds of the default family, and for other families.
    """
    asked = {kind for each in further if each.name == DEFAULT_FAMILY for kind in each.kinds}
    kinds = tuple(kind for kind in ObjectKind if kind in asked or kind in always)
    others = (each for each in further if each.name != DEFAULT_FAMILY)
    return FamilyOptions(DEFAULT_FAMILY, encoding, kinds), *others
