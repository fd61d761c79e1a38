"""One lookup table from stored values to grey: the stages of PS3.4 annex N.2, worked on values.

A radiograph has millions of pixels but few different values, so each stage works on the table of
values and is applied to the picture once, by indexing.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GreyScale:
    """What each stored value becomes, and how many pixels have it.

    lowest: the stored value of entry 0. values: float64 (entries,), the output so far.
    counts: int (entries,), pixels of the picture with that stored value, padding left out.
    is_padding: bool (entries,).
    """

    lowest: int
    values: Table
    counts: NDArray[np.int64]
    is_padding: NDArray[np.bool_]

    def mapped(self, values: Table) -> "GreyScale":
        """Return the same picture with other output values."""
        return replace(self, values=values)

    @property
    def used(self) -> Table:
        """Return the output values that occur in the picture."""
        return self.values[self.counts > 0]

    @property
    def inverted(self) -> "GreyScale":
        """Return the scale turned upside down within its own range."""
        return self.mapped(self.used.min() + self.used.max() - self.values)

    def applied(self, stored: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """Return float32 (rows, columns), 0 to 1 over the values in use; padding is 0."""
        lowest, highest = float(self.used.min()), float(self.used.max())
        span = (highest - lowest) or 1.0
        scaled = np.clip((self.values - lowest) / span, 0.0, 1.0)
        table = np.where(self.is_padding, 0.0, scaled).astype(np.float32)
        return table[stored.astype(np.int32) - self.lowest]


def grey_scale(
    stored: NDArray[np.integer[Any]], padding: tuple[int, int] | None = None
) -> GreyScale:
    """Return the identity scale of a picture; `padding` is the range of values that are no image.

    Padding is ignored when the whole picture would be padding.
    """
    shifted = stored.astype(np.int32)
    lowest, highest = int(shifted.min()), int(shifted.max())
    counts = np.bincount((shifted - lowest).ravel())
    integers = np.arange(lowest, highest + 1)
    is_padding = np.zeros(integers.shape, bool)
    if padding is not None:
        is_padding = (integers >= padding[0]) & (integers <= padding[1])
    if not counts[~is_padding].any():
        is_padding[:] = False
    return GreyScale(
        lowest, integers.astype(np.float64), np.where(is_padding, 0, counts), is_padding
    )
