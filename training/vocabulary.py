"""What the service says about each channel: the words, sizes and pieces of the anatomy table."""

from collections.abc import Mapping, Sequence

from service.anatomy.structures import CATEGORY, Structure, structures_by_key
from service.domain.segmentation import Code
from service.inference.manifest import CodeEntry, LabelEntry, Pieces
from training.channels import CHANNELS, UNIONS, Channel

ENTRIES: dict[str, Structure] = {c.key: structures_by_key()[c.key] for c in CHANNELS}
BORDER = 0.5


def present_unions(keys: Sequence[str]) -> tuple[Channel, ...]:
    """The unions whose parts are all among the taught `keys`, those of few parts first."""
    taught = set(keys)
    present = [union for union in UNIONS if set(union.parts) <= taught]
    return tuple(sorted(present, key=lambda union: len(union.parts)))


def with_unions(keys: Sequence[str]) -> tuple[str, ...]:
    """The channels of a package: those that were taught, then the unions."""
    return (*keys, *(union.key for union in present_unions(keys)))


def labels(keys: Sequence[str], thresholds: Mapping[str, float]) -> tuple[LabelEntry, ...]:
    """labels.yaml's entries for the taught keys and their unions, in the graph's order.

    A channel without its own threshold takes 0.5.
    """
    return tuple(_label(key, thresholds.get(key, BORDER)) for key in with_unions(keys))


def _label(key: str, threshold: float) -> LabelEntry:
    entry = ENTRIES[key]
    return LabelEntry(
        number=entry.number,
        key=key,
        label=entry.label,
        category=_code(CATEGORY),
        type=_code(entry.type),
        modifiers=tuple(_code(modifier) for modifier in entry.modifiers),
        laterality=entry.laterality,
        colour_rgb=entry.colour_rgb,
        threshold=threshold,
        minimum_area_fraction=entry.smallest,
        pieces=Pieces.ONE if entry.is_one_piece else Pieces.MANY,
    )


def _code(code: Code) -> CodeEntry:
    return CodeEntry(value=code.value, scheme=code.scheme, meaning=code.meaning)
