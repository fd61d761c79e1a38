"""Slices to one volume: sorted by position, evenly spaced, or refused by name."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.ingest.dicom.frames import Frame
from training.ingest.image import itk_image
from training.ingest.refusal import Reason, Refused

FEWEST_SLICES = 10
SAME_MM = 0.01
GAP = 1.5
WIDEST_GAP = 2.5  # one slice missing, not two
MOST_MISSING = 0.03
UNEVEN = 0.05
TILT_DEGREES = 0.2
WANDERING_MM = 1.0
DECIMALS = 3
MAIN_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Stack:
    """A volume as SimpleITK image in LPS, and what was repaired to get it."""

    image: Any
    notes: tuple[str, ...]


def stack(frames: list[Frame]) -> Stack:
    """Put slices together; raises Refused."""
    notes: list[str] = []
    kept = _most(frames, _orientation, Reason.MIXED_ORIENTATION, notes)
    kept = _most(kept, _grid, Reason.MIXED_SPACING, notes)
    kept = _without_duplicates(sorted(kept, key=_height), notes)
    if len(kept) < FEWEST_SLICES:
        raise Refused(Reason.TOO_FEW_SLICES, f"{len(kept)} slices")
    heights = np.array([_height(frame) for frame in kept])
    step = _step(heights, notes)
    values = _even(np.stack([frame.values for frame in kept]), heights, step, notes)
    direction = _stacking_direction(kept, heights, notes)
    first = kept[0]
    spacing = (first.spacing_mm[1], first.spacing_mm[0], step * float(np.linalg.norm(direction)))
    unit = direction / np.linalg.norm(direction)
    axes = np.column_stack([first.along_row, first.along_column, unit])
    return Stack(itk_image(values, first.position, spacing, axes), tuple(notes))


def _height(frame: Frame) -> float:
    return float(frame.position @ frame.normal)


def _orientation(frame: Frame) -> tuple[float, ...]:
    return tuple(np.round([*frame.along_row, *frame.along_column], DECIMALS) + 0.0)


def _grid(frame: Frame) -> tuple[float, ...]:
    return (*frame.values.shape, *np.round(frame.spacing_mm, DECIMALS))


def _most(frames: list[Frame], key: Any, reason: Reason, notes: list[str]) -> list[Frame]:  # noqa: ANN401
    """The slices that agree with nearly all others; refused where there is no such majority."""
    counts = Counter(key(frame) for frame in frames)
    common, count = counts.most_common(1)[0]
    if count == len(frames):
        return frames
    if count < MAIN_SHARE * len(frames):
        raise Refused(reason, f"{len(counts)} kinds of slices in one series")
    notes.append(f"{len(frames) - count} slices left out: {reason}")
    return [frame for frame in frames if key(frame) == common]


def _without_duplicates(frames: list[Frame], notes: list[str]) -> list[Frame]:
    """Slices at one position: copies are dropped; different contents are another acquisition."""
    kept: list[Frame] = []
    for frame in frames:
        if kept and _height(frame) - _height(kept[-1]) < SAME_MM:
            if not np.array_equal(frame.values, kept[-1].values):
                raise Refused(Reason.DUPLICATE_POSITIONS, "different slices at one position")
            continue
        kept.append(frame)
    if len(kept) < len(frames):
        notes.append(f"{len(frames) - len(kept)} copies of slices left out")
    return kept


def _step(heights: npt.NDArray[np.float64], notes: list[str]) -> float:
    """The usual distance; raises Refused where too much is missing between slices."""
    distances = np.diff(heights)
    usual = float(np.median(distances))
    gaps = distances[distances > GAP * usual]
    if len(gaps) > MOST_MISSING * len(heights) or gaps.max(initial=0) > WIDEST_GAP * usual:
        worst = gaps.max() / usual
        raise Refused(Reason.MISSING_SLICES, f"{len(gaps)} gaps, up to {worst:.1f} slice distances")
    if len(gaps):
        notes.append(f"{len(gaps)} missing slices interpolated")
    return usual


def _even(
    values: npt.NDArray[np.float32],
    heights: npt.NDArray[np.float64],
    step: float,
    notes: list[str],
) -> npt.NDArray[np.float32]:
    """Slices at equal distances, interpolated where those given are not."""
    span = heights[-1] - heights[0]
    wanted = heights[0] + step * np.arange(round(span / step) + 1)
    is_even = len(wanted) == len(heights) and np.abs(wanted - heights).max() < UNEVEN * step
    if is_even:
        return values
    if not any("interpolated" in note for note in notes):
        notes.append("uneven slices interpolated")
    below = np.clip(np.searchsorted(heights, wanted, side="right") - 1, 0, len(heights) - 2)
    share = np.clip((wanted - heights[below]) / (heights[below + 1] - heights[below]), 0, 1)
    weight = share.astype(np.float32)[:, None, None]
    return np.asarray(values[below] * (1 - weight) + values[below + 1] * weight)


def _stacking_direction(
    frames: list[Frame], heights: npt.NDArray[np.float64], notes: list[str]
) -> npt.NDArray[np.float64]:
    """How far the corner moves per millimetre along the normal; slanted where the gantry was."""
    positions = np.array([frame.position for frame in frames])
    offsets = heights - heights[0]
    moved = positions - positions[0]
    direction = offsets @ moved / (offsets @ offsets)
    if np.abs(moved - np.outer(offsets, direction)).max() > WANDERING_MM:
        raise Refused(Reason.UNEVEN_POSITIONS, "the slices do not lie behind each other")
    cosine = direction @ frames[0].normal / np.linalg.norm(direction)
    tilt = float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    if tilt < TILT_DEGREES:
        return frames[0].normal
    notes.append(f"gantry tilt of {tilt:.1f} degrees undone")
    return np.asarray(direction)
