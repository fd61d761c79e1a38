"""What a rule hands back: a layer's voxels, the keys it vouches for, and why it leaves others."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from training.channels import number_of
from training.label.labelled import Labels, Mask

Spacing = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Derived:
    """`labels` uint8 (z, y, x) holds numbers of the structure table, disjoint within the layer.

    A key in `known` was looked for and is trusted: without voxels it is truly absent here. A key
    in `unknown` is absent knowledge; its value says why, in words for a report.
    """

    labels: Labels
    known: frozenset[str]
    unknown: Mapping[str, str] = field(default_factory=dict)

    def onto(self, labels: Labels) -> Labels:
        """Return `labels` with the voxels of this rule written over it."""
        return np.where(self.labels > 0, self.labels, labels)


def mask_of(labels: Labels, *keys: str) -> Mask:
    """Return the voxels (z, y, x) of any of the keys."""
    wanted = np.zeros(256, np.bool_)
    wanted[[number_of(key) for key in keys]] = True
    return np.asarray(wanted[labels])


def layer(shape: tuple[int, ...], masks: Mapping[str, Mask]) -> Labels:
    """Return a layer that holds the masks; where two overlap, the later one stays."""
    labels = np.zeros(shape, np.uint8)
    for key, mask in masks.items():
        labels[mask] = number_of(key)
    return labels


def refused(labels: Labels, reason: str, *keys: str) -> Derived:
    """Return a result without voxels in which none of the keys is known."""
    return Derived(np.zeros_like(labels, np.uint8), frozenset(), dict.fromkeys(keys, reason))


def surrounding(mask: Mask, margin: int = 0) -> tuple[slice, ...]:
    """Return the box (z, y, x) that holds the mask, with a margin of voxels inside the array.

    Raises ValueError for an empty mask.
    """
    box = []
    for axis, size in enumerate(mask.shape):
        others = tuple(a for a in range(mask.ndim) if a != axis)
        index = np.flatnonzero(mask.any(axis=others))
        if not len(index):
            raise ValueError("an empty mask has no box")
        box.append(slice(max(0, int(index[0]) - margin), min(size, int(index[-1]) + margin + 1)))
    return tuple(box)
