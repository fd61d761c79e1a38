"""Which of a model's labels a segmentation describes, in which order, and what overlaps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.anatomy.profiles import LabelProfile
from service.domain.segmentation import Segment, Segmentation
from service.errors import NothingToEncode

Mask = NDArray[np.bool_]
Window = tuple[slice, slice]
_COARSE = 16
_NOWHERE: Window = (slice(0, 0), slice(0, 0))


@dataclass(frozen=True, slots=True)
class Described:
    """A structure as one object describes it: `number` is its place there, counted from 1.

    mask: bool (rows, columns), a view; copying all of a large film's would cost a second.
    window: the rows and columns outside of which the mask is empty; none when it was not found.
    """

    number: int
    segment: Segment
    mask: Mask
    window: Window

    @property
    def is_found(self) -> bool:
        """Return whether the structure has a pixel."""
        return self.window != _NOWHERE

    @property
    def part(self) -> Mask:
        """Return the mask inside the window."""
        found: Mask = self.mask[self.window]
        return found


def described(segmentation: Segmentation, profile: LabelProfile) -> tuple[Described, ...]:
    """Return the profile's part of the segmentation, by the segments' own numbers, found or not.

    The order follows from model and profile alone, never from what a film shows, so that the
    n-th segment is the same structure on every film. Raises NothingToEncode when there is none.
    """
    masks = {
        segment.key: mask
        for segment, mask in zip(segmentation.segments, segmentation.masks, strict=True)
    }
    return tuple(
        Described(number, segment, masks[segment.key], window_of(masks[segment.key]))
        for number, segment in numbered(segmentation.segments, profile)
    )


def numbered(segments: Sequence[Segment], profile: LabelProfile) -> tuple[tuple[int, Segment], ...]:
    """Return the profile's part of the segments with their places in the object, from 1.

    Raises NothingToEncode when there is none.
    """
    chosen = sorted((each for each in segments if profile.has(each.key)), key=lambda s: s.number)
    if not chosen:
        raise NothingToEncode(f"the model has no label of the profile {profile.name}")
    return tuple(enumerate(chosen, start=1))


def overlap(structures: Sequence[Described]) -> bool:
    """Return whether a pixel belongs to two of the structures."""
    seen = np.zeros_like(structures[0].mask)
    for each in structures:
        taken = seen[each.window]
        if _meet(taken, each.part):
            return True
        taken |= each.part
    return False


def layers(structures: Sequence[Described]) -> tuple[tuple[Described, ...], ...]:
    """Return the structures in as few groups without overlap as going through them once finds.

    Each goes into the first group that has room for it (greedy colouring in the order given). The
    first group also has those that were not found. Numbers stay what they are.
    """
    groups: list[list[Described]] = [[]]
    occupied = [np.zeros_like(structures[0].mask)]
    for each in structures:
        index = _first_with_room(occupied, each)
        if index == len(groups):
            groups.append([])
            occupied.append(np.zeros_like(each.mask))
        groups[index].append(each)
        occupied[index][each.window] |= each.part
    return tuple(tuple(group) for group in groups)


def _first_with_room(occupied: Sequence[Mask], structure: Described) -> int:
    for index, taken in enumerate(occupied):
        if not _meet(taken[structure.window], structure.part):
            return index
    return len(occupied)


def _meet(one: Mask, other: Mask) -> bool:
    """Return whether two masks share a pixel; most that do share one of a coarse grid."""
    coarse = (slice(None, None, _COARSE), slice(None, None, _COARSE))
    return bool((one[coarse] & other[coarse]).any()) or bool((one & other).any())


def window_of(mask: Mask) -> Window:
    """Return the smallest rows and columns that hold all of the mask; none for an empty one."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return _NOWHERE
    inside = slice(int(rows[0]), int(rows[-1]) + 1)
    columns = np.flatnonzero(mask[inside].any(axis=0))
    return inside, slice(int(columns[0]), int(columns[-1]) + 1)
