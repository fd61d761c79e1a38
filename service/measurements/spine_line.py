"""How the spine tilts from plate to plate on a frontal film.

Two readings of the same tilt, each with errors of its own, are averaged. The line through the
centres of the silhouettes: a pixel's error tilts it by some degrees, and where vertebrae are
shifted against each other it is not square to their plates. And, from T8 down, the upper border of
each silhouette, which is there the upper end plate of the body; above T8 the arch hides it, and
the line counts alone. Both are smoothed by penalised least squares (Whittaker 1923) with third
differences, which leave an arc of constant bend as it is.

Without vertebrae, stations along the middle of the spine's mask stand for their centres.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from service.domain.measurement import Line
from service.errors import NotMeasurable
from service.measurements.borders import borders
from service.measurements.registry import Subject
from service.measurements.square_pixels import pixel_aspect
from service.measurements.vertebral_column import LEVELS, Vertebra
from service.measurements.vertebral_frame import Frame, silhouette_borders

Floats = NDArray[np.float64]
PENALTY, PENALTY_OF_TILTS, PENALTY_OF_MASK = 0.5, 0.3, 4.0
FEWEST_TO_SMOOTH = 5
FIRST_BARE_PLATE = LEVELS.index("t8")
HALF_BODY = 0.5
"""Half the width over which a plate is read, in distances between neighbouring vertebrae."""
FEWEST_SAMPLES = 8
PITCH_PER_WIDTH = 0.6
"""Distance of neighbouring vertebrae over the width of a spine's mask: about 24 over 40 mm."""
FEWEST_STATIONS = 6
CUT_ENDS = 0.08
"""Part of the spine's mask at either end that is left out: it is cut off at any slant."""


@dataclass(frozen=True, slots=True)
class SpineLine:
    """The line and its tilts.

    centres: float (n, 2), smoothed, (row * aspect, column). tilts: float (n + 1,), degrees that the
    plates descend towards higher columns: above the first centre, between neighbours, below the
    last one.
    """

    centres: Floats
    tilts: Floats
    aspect: float

    def line(self, first: int = 0, last: int | None = None) -> Line:
        """Return the smoothed centres of vertebrae `first` to `last` in source pixels."""
        rows, columns = (self.centres[first : None if last is None else last + 1]).T
        return tuple(zip((rows / self.aspect).tolist(), columns.tolist(), strict=True))

    def plate(self, place: int, half_width: float) -> Line:
        """Return a line across the spine at plate `place`, in source pixels.

        half_width: half its length, in mean distances between neighbouring centres.
        """
        centre = self._position(place)
        half_width *= float(np.linalg.norm(np.diff(self.centres, axis=0), axis=1).mean())
        angle = np.radians(self.tilts[place])
        reach = half_width * np.array([np.sin(angle), np.cos(angle)])
        ends = ((centre - reach), (centre + reach))
        return tuple((float(row / self.aspect), float(column)) for row, column in ends)

    def _position(self, place: int) -> Floats:
        last = len(self.centres) - 1
        if 0 < place <= last:
            return np.asarray((self.centres[place - 1] + self.centres[place]) / 2)
        near, next_one = (0, 1) if place == 0 else (last, last - 1)
        return np.asarray(1.5 * self.centres[near] - 0.5 * self.centres[next_one])


def spine_line(column: Sequence[Vertebra], aspect: float) -> SpineLine:
    """Return the line through at least three vertebrae, plates tilted as they are seen."""
    centres = np.array([vertebra.centre for vertebra in column])
    line = _through(smoothed(centres), aspect)
    tilts = line.tilts.copy()
    for place, vertebra in enumerate(column):
        if LEVELS.index(vertebra.level) >= FIRST_BARE_PLATE:
            tilts[place] = (tilts[place] + _upper_plate(vertebra, line.tilts[place], aspect)) / 2
    tilts[-1] += tilts[-2] - line.tilts[-2]
    return SpineLine(line.centres, smoothed(tilts, PENALTY_OF_TILTS), aspect)


def mask_line(subject: Subject) -> SpineLine:
    """Return the line along the middle of the spine's mask; raises MissingSegment, NotMeasurable.

    Its stations are as far apart as vertebrae of a spine of this width.
    """
    aspect = pixel_aspect(subject)
    spine = borders(subject.shape("spine")).inner(CUT_ENDS, CUT_ENDS)
    pitch = PITCH_PER_WIDTH * float(np.median(spine.widths))
    rows = spine.rows * aspect
    count = int((rows[-1] - rows[0]) / pitch) + 1
    if count < FEWEST_STATIONS:
        raise NotMeasurable("too little of the spine is seen")
    stations = rows[0] + (rows[-1] - rows[0] - (count - 1) * pitch) / 2 + np.arange(count) * pitch
    near = ndimage.gaussian_filter1d(spine.centres, pitch / aspect / 2, mode="nearest")
    points = np.column_stack([stations, np.interp(stations, rows, near)])
    return _through(smoothed(points, PENALTY_OF_MASK), aspect)


def _through(centres: Floats, aspect: float) -> SpineLine:
    steps = np.diff(centres, axis=0)
    between = np.degrees(np.arctan2(-steps[:, 1], steps[:, 0]))
    # Half a step beyond the outermost centres, the line bends on as it did.
    above = between[0] + (between[0] - between[1]) / 2
    below = between[-1] + (between[-1] - between[-2]) / 2
    return SpineLine(centres, np.concatenate([[above], between, [below]]), aspect)


def _upper_plate(vertebra: Vertebra, tilt: float, aspect: float) -> float:
    """Return the tilt of the silhouette's upper border over the width of the body."""
    lean = np.radians(tilt)
    frame = Frame(vertebra.centre, np.array([np.cos(lean), -np.sin(lean)]), aspect)
    across, upper, lower = silhouette_borders(vertebra, frame)
    inner = (np.abs(across) < HALF_BODY * vertebra.pitch) & (lower > upper)
    if inner.sum() < FEWEST_SAMPLES:
        return tilt
    return frame.plate(across[inner], upper[inner])[0].tilt


def smoothed(values: Floats, penalty: float = PENALTY) -> Floats:
    """Return values (n, ...) along a line, smoothed; few stay as they are."""
    count = len(values)
    if count < FEWEST_TO_SMOOTH:
        return values
    third = np.diff(np.eye(count), 3, axis=0)
    return np.asarray(np.linalg.solve(np.eye(count) + penalty * third.T @ third, values))
