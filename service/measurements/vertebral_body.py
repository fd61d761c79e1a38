"""The body of a vertebra on a lateral film, cut out of its silhouette, with its end plates.

A mask holds body, arch and processes. The body is the part in front: from its front border the
columns are followed backwards for as long as both borders stay on the lines through those before;
at the pedicle the lower border leaves, where the foramen begins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.errors import NotMeasurable
from service.measurements.registry import Subject
from service.measurements.vertebral_column import Vertebra
from service.measurements.vertebral_frame import Floats, Frame, Plate, silhouette_borders

IN_FRONT = ("sternum", "heart", "trachea", "right_lung_field", "left_lung_field")
"""Structures that tell where the patient's front is on a lateral film."""
TALL = 0.35
"""Least height of a body's column, in distances between neighbouring vertebrae."""
SEED = (0.15, 0.6)
"""Where a body certainly lies, in such distances from its front border."""
DEEPEST, SHALLOWEST = 1.7, 0.5
LEAVES = 0.14
"""A border that is farther than this from its line, in body heights, is no end plate."""
FRONT_HEIGHT = 0.5
"""Least height of a column over the median one: the front of a broken body is that low."""
ROUNDED = 0.08
"""Part of the depth at either end where corners are rounded."""
ROUNDS = 3

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Body:
    """A vertebral body. All float (n,), from front to back, in square pixels of its frame.

    across: position of each column; upper_border, lower_border: down its axis.
    """

    vertebra: Vertebra
    frame: Frame
    across: Floats
    upper_border: Floats
    lower_border: Floats
    upper: Plate
    lower: Plate

    @property
    def tilt(self) -> float:
        """Return the mean tilt of both plates in degrees."""
        return (self.upper.tilt + self.lower.tilt) / 2

    @property
    def heights(self) -> Floats:
        """Return the height of each column in square pixels, from front to back."""
        return self.lower_border - self.upper_border


def towards_front(subject: Subject, column: tuple[Vertebra, ...]) -> int:
    """Return -1 when the patient's front is at low columns, 1 when at high ones."""
    spine = float(np.mean([vertebra.centre[1] for vertebra in column]))
    for key in IN_FRONT:
        if subject.segmentation.has(key):
            return 1 if subject.shape(key).centre[1] > spine else -1
    raise NotMeasurable("nothing tells where the patient's front is")


def vertebral_body(vertebra: Vertebra, aspect: float, front: int) -> Body:
    """Return the body with its end plates; raises NotMeasurable where none stands out."""
    frame = Frame(vertebra.centre, vertebra.down, aspect)
    for _ in range(ROUNDS):
        body, slope = _body(vertebra, frame, front)
        turned = frame.down - slope * frame.across
        frame = Frame(frame.origin, turned / np.linalg.norm(turned), aspect)
    return body


def _body(vertebra: Vertebra, frame: Frame, front: int) -> tuple[Body, float]:
    across, upper, lower = silhouette_borders(vertebra, frame)
    order = slice(None) if front < 0 else slice(None, None, -1)
    across, upper, lower = across[order], upper[order], lower[order]
    kept = _columns(across, upper, lower, vertebra)
    inner = _without_corners(kept)
    above, slope_above = frame.plate(across[inner], upper[inner])
    below, slope_below = frame.plate(across[inner], lower[inner])
    body = Body(vertebra, frame, across[kept], upper[kept], lower[kept], above, below)
    return body, (slope_above + slope_below) / 2


def _columns(across: Floats, upper: Floats, lower: Floats, vertebra: Vertebra) -> Indices:
    """Return the indices of the body's columns, from front to back; raises NotMeasurable."""
    heights = lower - upper
    backwards = np.abs(across - across[0])
    tall = np.flatnonzero(heights >= TALL * vertebra.pitch)
    if not len(tall):
        raise NotMeasurable(f"the body of {vertebra.name} does not stand out")
    start = backwards[tall[0]]
    kept = _between(backwards, *(start + part * vertebra.pitch for part in SEED))
    for _ in range(ROUNDS):
        height = float(np.median(heights[kept]))
        stays = _stays(across, upper, kept, height) & _stays(across, lower, kept, height)
        stays &= heights >= FRONT_HEIGHT * height
        kept = _run(stays, int(kept[len(kept) // 2]))
    depth = backwards[kept[-1]] - backwards[kept[0]]
    if not SHALLOWEST <= depth / vertebra.pitch <= DEEPEST:
        raise NotMeasurable(f"the body of {vertebra.name} does not stand out")
    return kept


def _between(values: Floats, low: float, high: float) -> Indices:
    return np.flatnonzero((values >= low) & (values <= high))


def _stays(across: Floats, border: Floats, kept: Indices, height: float) -> NDArray[np.bool_]:
    """Return where a border is near the line through its kept part."""
    slope, offset = np.polyfit(across[kept], border[kept], 1)
    near: NDArray[np.bool_] = np.abs(border - (offset + slope * across)) < LEAVES * height
    return near


def _run(flags: NDArray[np.bool_], inside: int) -> Indices:
    """Return the indices of the stretch of True around `inside`, at least that one."""
    before = np.flatnonzero(~flags[:inside])
    after = np.flatnonzero(~flags[inside + 1 :])
    first = int(before[-1]) + 1 if len(before) else 0
    last = inside + int(after[0]) if len(after) else len(flags) - 1
    return np.arange(first, last + 1)


def _without_corners(kept: Indices) -> Indices:
    cut = max(1, round(ROUNDED * len(kept)))
    return kept[cut : len(kept) - cut]
