"""What the service says about each channel: the anatomy table's words, and two thresholds."""

from collections.abc import Sequence

from service.anatomy.structures import CATEGORY, Structure, structures_by_key
from service.domain.segmentation import Code
from service.inference.manifest import CodeEntry, LabelEntry
from training.channels import CHANNELS, UNIONS

ENTRIES: dict[str, Structure] = {c.key: structures_by_key()[c.key] for c in CHANNELS}

# Fraction of the image below which a structure counts as not found: thin ones need less.
_LARGE, _MIDDLING, _THIN = 0.005, 0.002, 0.0005
MINIMUM_AREA_FRACTIONS = {
    "right_lung": _LARGE,
    "left_lung": _LARGE,
    "right_lung_field": _LARGE,
    "left_lung_field": _LARGE,
    "heart": _LARGE,
    "cardiomediastinum": _LARGE,
    "spine": _MIDDLING,
    "ribs": _MIDDLING,
    "left_hemidiaphragm": _MIDDLING,
    "right_hemidiaphragm": _MIDDLING,
}


def with_unions(keys: Sequence[str]) -> tuple[str, ...]:
    """The keys of a package: those that were taught, then every union whose parts are all there."""
    taught = set(keys)
    return (*keys, *(union.key for union in UNIONS if set(union.parts) <= taught))


def labels(keys: Sequence[str], thresholds: dict[str, float]) -> tuple[LabelEntry, ...]:
    """labels.yaml's entries in channel order; a channel without its own threshold takes 0.5."""
    return tuple(_label(key, thresholds.get(key, 0.5)) for key in with_unions(keys))


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
        minimum_area_fraction=MINIMUM_AREA_FRACTIONS.get(key, _THIN),
    )


def _code(code: Code) -> CodeEntry:
    return CodeEntry(value=code.value, scheme=code.scheme, meaning=code.meaning)
