"""Spines drawn vertebra by vertebra, turned by known angles, seen from the front or the side."""

from collections.abc import Sequence

import numpy as np

from service.domain.image import PixelSpacing, SpacingProvenance, ViewPosition
from service.measurements.registry import Subject
from service.measurements.vertebral_column import LEVELS
from tests.unit.measurements.drawing import subject_of

Mask = np.ndarray
FILM = (460, 260)
PITCH, WIDTH, HEIGHT = 26.0, 34.0, 20.0
SQUARE = PixelSpacing(0.5, 0.5, SpacingProvenance.CALIBRATED)


def centres(tilts: Sequence[float], start: tuple[float, float]) -> np.ndarray:
    """(n, 2) vertebrae `PITCH` apart; a positive tilt leans the way down to low columns."""
    mean = np.radians((np.array(tilts)[1:] + np.array(tilts)[:-1]) / 2)
    steps = PITCH * np.column_stack([np.cos(mean), -np.sin(mean)])
    return np.vstack([[0.0, 0.0], np.cumsum(steps, axis=0)]) + start


def turned_box(
    centre: np.ndarray, tilt: float, heights: tuple[float, float], width: float, aspect: float = 1.0
) -> Mask:
    """A body `heights` tall at low and at high columns, turned by `tilt` degrees."""
    rows, columns = np.indices(FILM, dtype=float)
    down, across = rows * aspect - centre[0], columns - centre[1]
    turn = np.radians(tilt)
    along = across * np.cos(turn) + down * np.sin(turn)
    depth = -across * np.sin(turn) + down * np.cos(turn)
    share = np.clip(along / width + 0.5, 0, 1)
    height = heights[0] + (heights[1] - heights[0]) * share
    return (np.abs(along) <= width / 2) & (np.abs(depth) <= height / 2)


def frontal_spine(
    tilts: Sequence[float],
    first: str = "t4",
    start: tuple[float, float] = (40.0, 130.0),
    aspect: float = 1.0,
) -> dict[str, Mask]:
    """Vertebrae from `first` down with a spinous process below each, as boxes."""
    levels = LEVELS[LEVELS.index(first) :]
    found = {}
    for level, tilt, centre in zip(levels, tilts, centres(tilts, start), strict=False):
        body = turned_box(centre, tilt, (HEIGHT, HEIGHT), WIDTH, aspect)
        down = np.array([np.cos(np.radians(tilt)), -np.sin(np.radians(tilt))])
        process = turned_box(centre + 12 * down, tilt, (10.0, 10.0), 5.0, aspect)
        found[f"vertebra_{level}"] = body | process
    return found


def lateral_spine(
    tilts: Sequence[float],
    heights: dict[str, tuple[float, float]] | None = None,
    first: str = "t4",
    start: tuple[float, float] = (30.0, 110.0),
) -> dict[str, Mask]:
    """Bodies with pedicle, facets and spinous process behind; the front is at low columns."""
    levels = LEVELS[LEVELS.index(first) :]
    found = {"sternum": np.zeros(FILM, np.bool_)}
    found["sternum"][60:200, 20:26] = True
    for level, tilt, centre in zip(levels, tilts, centres(tilts, start), strict=False):
        turn = np.radians(tilt)
        across, down = (
            np.array([np.sin(turn), np.cos(turn)]),
            np.array([np.cos(turn), -np.sin(turn)]),
        )
        body = turned_box(centre, tilt, (heights or {}).get(level, (HEIGHT, HEIGHT)), WIDTH)
        pedicle = turned_box(centre + 21 * across - 4 * down, tilt, (9.0, 9.0), 12.0)
        facets = turned_box(centre + 30 * across, tilt, (24.0, 24.0), 8.0)
        process = turned_box(centre + 42 * across + 8 * down, tilt, (7.0, 7.0), 20.0)
        found[f"vertebra_{level}"] = body | pedicle | facets | process
    return found


def spine_subject(
    masks: dict[str, Mask],
    view: ViewPosition = ViewPosition.POSTERO_ANTERIOR,
    spacing: PixelSpacing = SQUARE,
) -> Subject:
    drawn = subject_of(masks, spacing)
    left = True if view is not ViewPosition.LATERAL else None
    return Subject(drawn.segmentation, spacing, view, (), left)
