"""Whole ribs: 1 to 12 are the right ones from the top, 13 to 24 the left ones.

The structure table has ribs in two parts only, but a rib is counted, repaired and cut as a whole.
"""

from collections.abc import Iterator

import numpy as np

from training.channels import number_of
from training.label.labelled import Labels

PAIRS = 12
SIDES = ("right", "left")


def rib_code(rib: int, side: str) -> int:
    """Return the code of the n-th rib (1 to 12) of a side, `right` or `left`."""
    return rib + PAIRS * SIDES.index(side)


def rib_and_side(code: int) -> tuple[int, str]:
    """Return the number of a rib (1 to 12) and its side."""
    return (code - 1) % PAIRS + 1, SIDES[(code - 1) // PAIRS]


def rib_keys(rib: int, side: str) -> tuple[str, ...]:
    """Return the keys of a rib's parts, the posterior one first; the twelfth has one part."""
    if rib == PAIRS:
        return (f"rib_12_{side}",)
    return (f"posterior_rib_{rib}_{side}", f"anterior_rib_{rib}_{side}")


def every_rib() -> Iterator[tuple[int, int, str]]:
    """Yield code, number and side of all 24 ribs."""
    for code in range(1, 2 * PAIRS + 1):
        yield code, *rib_and_side(code)


RIB_KEYS = tuple(key for _, rib, side in every_rib() for key in rib_keys(rib, side))


def whole_ribs(organs: Labels) -> Labels:
    """Return rib codes (z, y, x) from a layer that holds numbers of rib parts; the rest is 0."""
    table = np.zeros(256, np.uint8)
    for code, rib, side in every_rib():
        table[[number_of(key) for key in rib_keys(rib, side)]] = code
    return table[organs]
