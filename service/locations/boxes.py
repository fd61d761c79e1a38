"""Boxes around structures and parts of them. All functions raise MissingSegment."""

from collections.abc import Callable

import numpy as np

from service.domain.location import Box
from service.domain.segmentation import Laterality
from service.errors import MissingSegment
from service.measurements.registry import Subject
from service.measurements.shape import Mask, Shape, largest_shape

Find = Callable[[Subject], tuple[Box, tuple[str, ...]]]
"""Returns a box and the keys of the structures that it follows from."""


def whole(*keys: str) -> Find:
    """Find the box of the first of these structures that is there."""

    def find(subject: Subject) -> tuple[Box, tuple[str, ...]]:
        key = found_key(subject, *keys)
        return box_of(subject.shape(key)), (key,)

    return find


def union(*keys: str) -> Find:
    """Find the box around all of these structures that are there; at least one must be."""

    def find(subject: Subject) -> tuple[Box, tuple[str, ...]]:
        there = tuple(key for key in keys if subject.segmentation.has(key))
        if not there:
            raise MissingSegment(f"{_words(keys)} was not found")
        return around([box_of(subject.shape(key)) for key in there]), there

    return find


def intersection(first: str, second: str) -> Find:
    """Find the box of what two structures share on the projection."""

    def find(subject: Subject) -> tuple[Box, tuple[str, ...]]:
        both = subject.mask(first) & subject.mask(second)
        if not both.any():
            raise MissingSegment(f"{_words((first, second))} do not meet")
        return box_of(largest_shape(both)), (first, second)

    return find


def band(own: str, host: tuple[str, ...], low: float, high: float) -> Find:
    """Find a structure of its own, else the rows from `low` to `high` of a host's height (0-1)."""

    def find(subject: Subject) -> tuple[Box, tuple[str, ...]]:
        if subject.segmentation.has(own):
            return whole(own)(subject)
        key = found_key(subject, *host)
        shape = subject.shape(key)
        return _part(shape, _rows(shape, low, high)), (key,)

    return find


def corner(side: Laterality, host: tuple[str, ...], rows: float, columns: float) -> Find:
    """Find the lowest and outermost part of a lung: `rows` of its height, `columns` of its width.

    Outermost is away from the other lung, so a mirrored film has it on the other side.
    """

    def find(subject: Subject) -> tuple[Box, tuple[str, ...]]:
        key = found_key(subject, *host)
        shape = subject.shape(key)
        lowest = _part(shape, _rows(shape, 1 - rows, 1.0))
        width = round((shape.right - shape.left + 1) * columns)
        if _lies_left_of_other(subject, side, shape):
            return (lowest[0], shape.left, lowest[2], shape.left + width), (key,)
        return (lowest[0], shape.right + 1 - width, lowest[2], shape.right + 1), (key,)

    return find


def above(host: str, limit: str) -> Find:
    """Find the part of `host` above the top of `limit`."""

    def find(subject: Subject) -> tuple[Box, tuple[str, ...]]:
        shape, top = subject.shape(host), subject.shape(limit).top
        if top <= shape.top:
            raise MissingSegment(f"{_words((host,))} does not reach above {_words((limit,))}")
        return _part(shape, slice(0, min(top - shape.top, len(shape.mask)))), (host, limit)

    return find


def found_key(subject: Subject, *keys: str) -> str:
    """Return the first of these structures that is there; raises MissingSegment."""
    for key in keys:
        if subject.segmentation.has(key):
            return key
    raise MissingSegment(f"{_words(keys[:1])} was not found")


def box_of(shape: Shape) -> Box:
    """Return the structure's bounding box."""
    return shape.top, shape.left, shape.bottom + 1, shape.right + 1


def around(boxes: list[Box]) -> Box:
    """Return the smallest box that holds all of these."""
    tops, lefts, bottoms, rights = zip(*boxes, strict=True)
    return min(tops), min(lefts), max(bottoms), max(rights)


def _rows(shape: Shape, low: float, high: float) -> slice:
    height = len(shape.mask)
    return slice(min(round(low * height), height - 1), max(round(high * height), 1))


def _part(shape: Shape, rows: slice) -> Box:
    part: Mask = shape.mask[rows]
    columns, filled = np.flatnonzero(part.any(axis=0)), np.flatnonzero(part.any(axis=1))
    top = shape.top + rows.start
    return (
        top + int(filled[0]),
        shape.left + int(columns[0]),
        top + int(filled[-1]) + 1,
        shape.left + int(columns[-1]) + 1,
    )


def _lies_left_of_other(subject: Subject, side: Laterality, shape: Shape) -> bool:
    other = Laterality.LEFT if side is Laterality.RIGHT else Laterality.RIGHT
    keys = (f"{other}_lung_field", f"{other}_lung")
    return shape.centre[1] < subject.shape(found_key(subject, *keys)).centre[1]


def _words(keys: tuple[str, ...]) -> str:
    return " and ".join(key.replace("_", " ") for key in keys)
