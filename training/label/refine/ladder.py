"""Which vertebra is T1? The spine as a ladder: its rungs, the ribs on them, and the names they had.

A whole spine that is named one off is found here: rib n meets vertebra Tn, twelve rungs have ribs
and the others have none. Every possible naming is priced, the cheapest is taken, and where two are
nearly as cheap the answer is "uncertain".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.label.derive.levels import VERTEBRAE
from training.label.derive.rib_codes import PAIRS, SIDES
from training.label.refine.numbering import Numbering, levels, numbered
from training.label.refine.ribs import Rib
from training.label.refine.vertebrae import Vertebra

T1 = VERTEBRAE.index("vertebra_t1")
NAMES = 5.0  # price of all names of one bone kind being wrong: their errors come together
NO_RIB = (2.0,) * 10 + (0.7, 0.2)  # price of a rung in the scan without its rib, per side
MARGIN = 1.5
# How far a rib's end at the spine lies above the centre of its vertebra, millimetres, measured on
# a labelled scan; between vertebra n and n + 1 lie 20 to 27 mm.
HEAD_ABOVE_MM = np.array([4, 11, 15, 17, 16, 13, 12, 8, 5, 5, -1, -8], dtype=np.float64)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ladder:
    """A naming of spine and ribs.

    `vertebrae` holds per vertebra its index in `VERTEBRAE`, `ribs` per side and rib its number
    (1 to 12); None is without a place. `certain` is False where another naming is nearly as likely.
    """

    vertebrae: tuple[int | None, ...]
    ribs: Mapping[str, tuple[int | None, ...]]
    cost: float
    certain: bool = True


def climb(vertebrae: Sequence[Vertebra], ribs: Sequence[Rib], scan_mm: float) -> Ladder | None:
    """Name vertebrae, given from above downwards, and ribs; None with fewer than three of both.

    scan_mm: the height of the scan.
    """
    rungs = _rungs(vertebrae, ribs)
    if rungs is None:
        return None
    counted, heights = rungs
    by_side = {side: [rib for rib in ribs if rib.side == side] for side in SIDES}
    shifts = range(-int(counted[-1]), len(VERTEBRAE) - int(counted[0]))
    priced = [_priced(vertebrae, by_side, counted + s, heights, scan_mm) for s in shifts]
    priced.sort(key=lambda ladder: ladder.cost)
    best = priced[0]
    certain = len(priced) == 1 or priced[1].cost - best.cost >= MARGIN
    return Ladder(best.vertebrae, best.ribs, best.cost, certain)


def _rungs(
    vertebrae: Sequence[Vertebra], ribs: Sequence[Rib]
) -> tuple[npt.NDArray[np.int64], Floats] | None:
    """Return counting numbers and heights (mm, falling) of the vertebrae, or else of rib heads."""
    heights = np.array([v.centre_mm[0] for v in vertebrae])
    if len(heights) < 3:  # noqa: PLR2004 - no step can be told
        sides = [[rib.head_mm for rib in ribs if rib.side == side] for side in SIDES]
        heights = np.sort(np.array(max(sides, key=len)))[::-1]
    if len(heights) < 3:  # noqa: PLR2004
        return None
    return levels(-heights), heights


def _priced(
    vertebrae: Sequence[Vertebra],
    ribs: Mapping[str, Sequence[Rib]],
    named: npt.NDArray[np.int64],
    heights: Floats,
    scan_mm: float,
) -> Ladder:
    """Price one naming of the rungs; `named` holds their indices, from above downwards."""
    rib_heights, step = _rib_heights(named, heights, with_spine=len(vertebrae) == len(named))
    numbers = {
        side: numbered(
            np.array([rib.head_mm for rib in found]),
            np.array([rib.votes for rib in found]).reshape(-1, PAIRS),
            rib_heights,
            step,
        )
        for side, found in ribs.items()
    }
    cost = sum(answer.cost for answer in numbers.values())
    cost += NAMES * _unlike_ribs(ribs, numbers) + _rungs_without(numbers, rib_heights, scan_mm)
    own = tuple(int(n) if 0 <= n < len(VERTEBRAE) else None for n in named)
    if len(vertebrae) == len(named):
        cost += NAMES * float(np.mean([_unlike(v, n) for v, n in zip(vertebrae, own, strict=True)]))
    else:
        own = (None,) * len(vertebrae)
    cost += 3.0 * sum(n is None for n in own)
    counted = {
        side: tuple(None if place is None else place + 1 for place in answer.places)
        for side, answer in numbers.items()
    }
    return Ladder(own, counted, cost)


def _rib_heights(
    named: npt.NDArray[np.int64], heights: Floats, *, with_spine: bool
) -> tuple[Floats, float]:
    """Return where the twelve rib heads are expected (mm) and the distance of two rungs."""
    steps = -np.diff(heights) / np.diff(named)
    step = float(np.median(steps))
    wanted = np.arange(T1, T1 + PAIRS, dtype=np.float64)
    expected = np.interp(wanted, named, heights)
    expected += np.maximum(0, named[0] - wanted) * steps[0]
    expected -= np.maximum(0, wanted - named[-1]) * steps[-1]
    # HEAD_ABOVE_MM is that of a grown person; it shrinks with the vertebrae.
    return expected + (HEAD_ABOVE_MM * min(1.0, step / 24) if with_spine else 0.0), step


def _unlike(vertebra: Vertebra, index: int | None) -> float:
    return 1.0 if index is None else 1.0 - float(vertebra.votes[index])


def _unlike_ribs(ribs: Mapping[str, Sequence[Rib]], numbers: Mapping[str, Numbering]) -> float:
    """Return the share of ribs whose voxels had another number, or that find no place."""
    unlike = [
        1.0 if place is None else 1.0 - float(rib.votes[place])
        for side in SIDES
        for rib, place in zip(ribs[side], numbers[side].places, strict=True)
    ]
    return float(np.mean(unlike)) if unlike else 0.0


def _rungs_without(numbers: Mapping[str, Numbering], rib_heights: Floats, scan_mm: float) -> float:
    """Return the price of ribs that should be in the scan and are not."""
    if not any(answer.places for answer in numbers.values()):
        return 0.0  # ribs were not drawn at all, which says nothing
    inside = (rib_heights > 0) & (rib_heights < scan_mm)
    return sum(
        NO_RIB[place]
        for answer in numbers.values()
        for place in range(PAIRS)
        if inside[place] and place not in answer.places
    )
