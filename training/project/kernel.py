"""The projector for the CPU, compiled by numba: same samples as the reference, without the grid.

Rows are shared out among threads of our own rather than numba's: those survive a fork (a data
loader's) and obey the number of threads that torch was given. The loops index flat arrays with
unsigned numbers, which spares numba's check for negative ones.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
import torch

from training.project.rays import Bundle
from training.project.reference import FAR_FACE, NEAR_FACE
from training.project.scene_volume import BITS, Affine

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint32]
Slots = npt.NDArray[np.int32]
Shape = tuple[int, int, int]
Compiled = TypeVar("Compiled", bound=Callable[..., Any])
ROWS_AT_A_TIME = 16
STANDSTILL = 1e-7
_single = np.float32


def _compiled(function: Compiled) -> Compiled:
    compiled = numba.njit(function, nogil=True, fastmath=True, error_model="numpy", cache=True)
    return cast("Compiled", compiled)


def sums(
    density: torch.Tensor, at: Affine, rays: Bundle, bone_from: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """As the reference's."""
    found = np.empty((2, *rays.weight_mm.shape), np.float32)
    arguments = (density.numpy().reshape(-1), _shape(density), _knots(at, rays), rays.samples)
    _over_rows(_integrate, (*arguments, _single(bone_from), found), found.shape[1])
    return torch.from_numpy(found[0]), torch.from_numpy(found[1])


def lengths(codes: torch.Tensor, at: Affine, rays: Bundle, slots: torch.Tensor) -> torch.Tensor:
    """As the reference's."""
    wanted = int(slots.max()) + 1 if slots.numel() else 0
    found = np.zeros((wanted, *rays.weight_mm.shape), np.float32)
    flat = codes.numpy().view(np.uint32).reshape(-1)
    arguments = (flat, _shape(codes), _knots(at, rays), rays.samples)
    table, weight = slots.numpy().astype(np.int32), rays.weight_mm.numpy()
    _over_rows(_measure, (*arguments, table, weight, found), len(weight))
    return torch.from_numpy(found)


def _shape(volume: torch.Tensor) -> Shape:
    return volume.shape[0], volume.shape[1], volume.shape[2]


def _knots(at: Affine, rays: Bundle) -> Floats:
    return at.index(rays.knots).contiguous().numpy()


def _over_rows(work: Callable[..., None], arguments: tuple[Any, ...], rows: int) -> None:
    threads = torch.get_num_threads()
    if threads == 1:  # no hand-over to wait for on a busy machine
        work(*arguments, 0, rows)
        return
    starts = range(0, rows, ROWS_AT_A_TIME)
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda row: work(*arguments, row, row + ROWS_AT_A_TIME), starts):
            pass


@_compiled
def _knots_of_ray(knots: Floats, row: float, column: float, line: Floats) -> None:
    """Fill `line` (planes, 3) with the ray's own knots; row and column count in coarse knots."""
    upper = min(int(row), knots.shape[1] - 2)
    left = min(int(column), knots.shape[2] - 2)
    down, right = _single(row - upper), _single(column - left)
    for plane in range(knots.shape[0]):
        for axis in range(3):
            first, second = knots[plane, upper, left, axis], knots[plane, upper, left + 1, axis]
            third = knots[plane, upper + 1, left, axis]
            fourth = knots[plane, upper + 1, left + 1, axis]
            above = first + (second - first) * right
            below = third + (fourth - third) * right
            line[plane, axis] = above + (below - above) * down


@_compiled
def _within(start: float, step: float, size: int, first: int, last: int) -> tuple[int, int]:
    """The samples of first .. last - 1 whose position start + n * step lies in the box."""
    low, high = NEAR_FACE, size - FAR_FACE
    one, other = start + first * step, start + (last - 1) * step
    if min(one, other) >= low and max(one, other) <= high:
        return first, last
    if abs(step) < STANDSTILL or max(one, other) < low or min(one, other) > high:
        return first, first
    enters, leaves = (low - start) / step, (high - start) / step
    if enters > leaves:
        enters, leaves = leaves, enters
    if enters >= last or leaves < first:
        return first, first
    return max(first, int(np.ceil(enters))), min(last, int(np.floor(leaves)) + 1)


@_compiled
def _segment(
    line: Floats, knot: int, samples: int, shape: Shape
) -> tuple[Any, Any, Any, Any, Any, Any, int, int]:
    """Start and step of z, across, depth between two knots, and which samples lie there."""
    knots = len(line) - 1
    per = _single((samples - 1) / knots)
    first = int(np.ceil(_single(knot) * per))
    last = samples if knot == knots - 1 else int(np.ceil(_single(knot + 1) * per))
    share = _single(1) / per
    dz = (line[knot + 1, 0] - line[knot, 0]) * share
    da = (line[knot + 1, 1] - line[knot, 1]) * share
    dd = (line[knot + 1, 2] - line[knot, 2]) * share
    before = _single(knot) * per
    z, a, d = line[knot, 0] - before * dz, line[knot, 1] - before * da, line[knot, 2] - before * dd
    first, last = _within(a, da, shape[1], first, last)
    first, last = _within(d, dd, shape[2], first, last)
    return z, a, d, dz, da, dd, first, last


@_compiled
def _integrate(  # noqa: PLR0917 - numba takes them by place
    density: Floats,
    shape: Shape,
    knots: Floats,
    samples: int,
    bone_from: float,
    found: Floats,
    first_row: int,
    last_row: int,
) -> None:
    """Fill rows of `found` (2, rows, columns) with sums below and above `bone_from`."""
    line = np.empty((knots.shape[0], 3), np.float32)
    down = (knots.shape[1] - 1) / (found.shape[1] - 1)
    right = (knots.shape[2] - 1) / (found.shape[2] - 1)
    for row in range(first_row, min(last_row, found.shape[1])):
        for column in range(found.shape[2]):
            _knots_of_ray(knots, row * down, column * right, line)
            found[:, row, column] = 0
            for knot in range(len(line) - 1):
                total, bone = _integrate_segment(density, shape, line, knot, samples, bone_from)
                found[0, row, column] += total - bone
                found[1, row, column] += bone


@_compiled
def _integrate_segment(
    density: Floats, shape: Shape, line: Floats, knot: int, samples: int, bone_from: float
) -> tuple[Any, Any]:
    """Sum of trilinear samples between two knots, and of their parts above `bone_from`."""
    z, a, d, dz, da, dd, first, last = _segment(line, knot, samples, shape)
    top = _single(shape[0] - 2)
    slice_, line_ = np.uint32(shape[1] * shape[2]), np.uint32(shape[2])
    one = np.uint32(1)
    total, bone = _single(0), _single(0)
    for sample in range(first, last):
        n = _single(sample)
        at_z, at_a, at_d = min(max(z + n * dz, _single(1)), top), a + n * da, d + n * dd
        iz, ia, id_ = np.int32(at_z), np.int32(at_a), np.int32(at_d)
        wz, wa, wd = at_z - _single(iz), at_a - _single(ia), at_d - _single(id_)
        i = np.uint32((iz * shape[1] + ia) * shape[2] + id_)
        j, k = i + slice_, i + line_
        m = j + line_
        low_near = density[i] + (density[i + one] - density[i]) * wd
        low_far = density[k] + (density[k + one] - density[k]) * wd
        high_near = density[j] + (density[j + one] - density[j]) * wd
        high_far = density[m] + (density[m + one] - density[m]) * wd
        low = low_near + (low_far - low_near) * wa
        high = high_near + (high_far - high_near) * wa
        value = low + (high - low) * wz
        total += value
        bone += max(value - bone_from, _single(0))
    return total, bone


@_compiled
def _measure(  # noqa: PLR0917 - numba takes them by place
    codes: Codes,
    shape: Shape,
    knots: Floats,
    samples: int,
    slots: Slots,
    weight: Floats,
    found: Floats,
    first_row: int,
    last_row: int,
) -> None:
    """Add to rows of `found` (slots, rows, columns) the length of ray in each wanted label."""
    line = np.empty((knots.shape[0], 3), np.float32)
    down = (knots.shape[1] - 1) / (found.shape[1] - 1)
    right = (knots.shape[2] - 1) / (found.shape[2] - 1)
    for row in range(first_row, min(last_row, found.shape[1])):
        for column in range(found.shape[2]):
            _knots_of_ray(knots, row * down, column * right, line)
            for knot in range(len(line) - 1):
                ray = found[:, row, column]
                _measure_segment(codes, shape, line, knot, samples, slots, weight[row, column], ray)


@_compiled
def _measure_segment(  # noqa: PLR0917 - numba takes them by place
    codes: Codes,
    shape: Shape,
    line: Floats,
    knot: int,
    samples: int,
    slots: Slots,
    weight: float,
    found: Floats,
) -> None:
    """Labels change seldom along a ray: count a run, then enter it once for every layer."""
    z, a, d, dz, da, dd, first, last = _segment(line, knot, samples, shape)
    top, half = _single(shape[0] - 2), _single(0.5)
    code, run = np.uint32(0), 0
    for sample in range(first, last):
        n = _single(sample)
        iz = np.int32(min(max(z + n * dz, _single(1)), top) + half)
        ia, id_ = np.int32(a + n * da + half), np.int32(d + n * dd + half)
        seen = codes[np.uint32((iz * shape[1] + ia) * shape[2] + id_)]
        if seen != code:
            _enter(code, run * weight, slots, found)
            code, run = seen, 0
        run += 1
    _enter(code, run * weight, slots, found)


@_compiled
def _enter(code: Any, length: float, slots: Slots, found: Floats) -> None:  # noqa: ANN401
    for layer in range(len(slots)):
        slot = slots[layer, (code >> np.uint32(BITS * layer)) & np.uint32(2**BITS - 1)]
        if slot >= 0:
            found[slot] += length
