"""Which labels are believed: no organ out of its band, and no volume that has many of these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.label.derive.derived import Spacing
from training.label.filters.bands import Band, band_of
from training.label.filters.shape import Feature, Shape, shapes
from training.label.labelled import Labels, Mask

SIZES = (Feature.VOLUME_ML, Feature.SHARE)
TOO_MANY_SHARE = 0.25
TOO_MANY = 4  # so that a volume with few labels is not refused for one of them


@dataclass(frozen=True, slots=True)
class Verdict:
    """`unknown` gives the reason for each key that is not believed.

    `refused` says why the whole volume is not, None when it is. `shapes` is what was measured.
    """

    unknown: Mapping[str, str]
    refused: str | None
    shapes: Mapping[str, Shape]


def judge(
    organs: Labels,
    known: frozenset[str],
    body: Mask,
    spacing_mm: Spacing,
    bands: Sequence[Band],
) -> Verdict:
    """Compare every known organ of a volume (z, y, x) with its bands."""
    measured = shapes(organs, body, spacing_mm)
    judged = {key: shape for key, shape in measured.items() if key in known}
    doubts = {key: _doubt(key, shape, bands) for key, shape in judged.items()}
    unknown = {key: doubt for key, doubt in doubts.items() if doubt is not None}
    return Verdict(unknown, _refusal(unknown, len(judged)), measured)


def _doubt(key: str, shape: Shape, bands: Sequence[Band]) -> str | None:
    for feature, value in shape.values.items():
        band = band_of(key, feature, bands)
        if band is None or (shape.cut and feature not in SIZES):
            continue
        # What the scan cuts off may make an organ too small, never too large.
        if value > band.high or (value < band.low and not shape.cut):
            return f"{feature.value} {value:.4g} is outside {band.low:.4g} to {band.high:.4g}"
    return None


def _refusal(unknown: Mapping[str, str], judged: int) -> str | None:
    if len(unknown) < max(TOO_MANY, TOO_MANY_SHARE * judged):
        return None
    worst = "; ".join(f"{key}: {reason}" for key, reason in sorted(unknown.items())[:3])
    return f"{len(unknown)} of {judged} organs are out of their bands ({worst}, ...)"
