"""Costophrenic angles: between chest wall and diaphragm where the lung ends below."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from service.domain.gate import Gate
from service.domain.measurement import Point
from service.errors import NotMeasurable
from service.measurements import codes
from service.measurements.lung_fields import LEFT, RIGHT, LungSide, whole_field
from service.measurements.registry import Definition, Subject, Taken, define
from service.measurements.shape import Mask, Shape
from service.measurements.sides import towards_left
from service.measurements.square_pixels import pixel_aspect

NEAR, FAR = 0.03, 0.15
"""The borders are taken from and to these distances of the recess, in heights of the lung."""
LARGEST_BEND = 0.018
"""Root mean square distance of a border from its line, in heights of the lung."""
FEWEST = 6

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Corner:
    """The lung as seen with its lateral side at low columns. tip: lowest lateral point."""

    mask: Mask
    tip: Point
    height: int


def take(subject: Subject, side: LungSide) -> Taken:
    """Return degrees; the line goes up the chest wall from the tip, and along the diaphragm."""
    field, aspect = whole_field(subject, side), pixel_aspect(subject)
    lateral = -towards_left(subject) if side is RIGHT else towards_left(subject)
    corner = _corner(field.mask if lateral < 0 else field.mask[:, ::-1])
    wall, floor = _wall(corner), _floor(corner, aspect)
    crossing = _crossing(wall, floor)
    up = (-1.0, -wall[0])
    inwards = (floor[0], 1.0)
    cosine = (up[0] * aspect * inwards[0] * aspect + up[1] * inwards[1]) / (
        np.hypot(up[0] * aspect, up[1]) * np.hypot(inwards[0] * aspect, inwards[1])
    )
    reach = FAR * corner.height
    wall_end = (crossing[0] - reach, crossing[1] - wall[0] * reach)
    floor_end = (crossing[0] + floor[0] * reach * aspect, crossing[1] + reach * aspect)
    points = tuple(_placed(point, field, lateral) for point in (wall_end, crossing, floor_end))
    return Taken(float(np.degrees(np.arccos(np.clip(cosine, -1, 1)))), points)


def _corner(mask: Mask) -> Corner:
    """Return the recess: the lowest pixel of the lateral half, the most lateral of equals."""
    half = mask[:, : (mask.shape[1] + 1) // 2]
    row = int(np.flatnonzero(half.any(axis=1))[-1])
    return Corner(mask, (float(row), float(half[row].argmax())), len(mask))


def _wall(corner: Corner) -> tuple[float, float]:
    """Return slope and offset of column = offset + slope x row along the chest wall."""
    tip = corner.tip[0]
    rows = np.arange(round(tip - FAR * corner.height), round(tip - NEAR * corner.height) + 1)
    rows = rows[(rows >= 0) & corner.mask[rows.clip(0)].any(axis=1)]
    columns = corner.mask[rows].argmax(axis=1) - 0.5
    return _line(rows.astype(np.float64), columns, corner.height)


def _floor(corner: Corner, aspect: float) -> tuple[float, float]:
    """Return slope and offset of row = offset + slope x column along the diaphragm."""
    near, far = (corner.tip[1] + part * corner.height * aspect for part in (NEAR, FAR))
    columns = np.arange(round(near), min(round(far), corner.mask.shape[1] - 1) + 1)
    columns = columns[corner.mask[:, columns].any(axis=0)]
    rows = len(corner.mask) - corner.mask[::-1, columns].argmax(axis=0) - 0.5
    return _line(columns.astype(np.float64), rows, corner.height)


def _line(at: Floats, values: Floats, height: int) -> tuple[float, float]:
    """Return slope and offset by least squares; raises NotMeasurable where it is no line."""
    if len(at) < FEWEST:
        raise NotMeasurable("the lung is too small for its costophrenic angle")
    slope, offset = np.polyfit(at, values, 1)
    if float(np.sqrt(np.mean((values - offset - slope * at) ** 2))) > LARGEST_BEND * height:
        raise NotMeasurable("chest wall and diaphragm do not meet in two straight borders")
    return float(slope), float(offset)


def _crossing(wall: tuple[float, float], floor: tuple[float, float]) -> Point:
    """Return where both lines meet; raises NotMeasurable where they are parallel."""
    turn = 1 - wall[0] * floor[0]
    if abs(turn) < 1e-6:  # noqa: PLR2004 - parallel but for rounding
        raise NotMeasurable("chest wall and diaphragm do not meet")
    row = (floor[1] + floor[0] * wall[1]) / turn
    return row, wall[1] + wall[0] * row


def _placed(point: Point, field: Shape, lateral: int) -> Point:
    """Return a point of the (perhaps mirrored) mask in source pixels."""
    column = point[1] if lateral < 0 else field.mask.shape[1] - 1 - point[1]
    return float(point[0] + field.top), float(column + field.left)


DEFINITIONS = tuple(
    define(
        Definition(
            key=f"costophrenic_angle_{side.name}",
            name=f"Costophrenic angle, {side.name}",
            code=codes.ANGLE,
            unit=codes.DEGREE,
            finding_site=side.site,
            segments=(side.segment,),
            take=partial(take, side=side),
            definition="Angle between the lateral chest wall and the diaphragm in the lateral "
            "costophrenic recess. There is no agreed normal value; a sharp recess is acute, fluid "
            "of more than about 200 ml blunts it. It depends on how finely the lung is outlined.",
            formula="angle between the least-squares lines through the lung field's lateral "
            "and lower borders, 3 to 15 % of the lung's height away from its lowest lateral point",
            source="plain angle; no published definition on masks is known to us",
            gates=(Gate.FIELD_SIDES, Gate.FIELD_BASES),
        )
    )
    for side in (RIGHT, LEFT)
)
