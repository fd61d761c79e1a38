"""VOI LUTs and windows of a For Presentation image, and which of them can be used."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from service.imaging.attributes import items, numbers, text
from service.imaging.grey_values import GreyScale, Table
from service.imaging.lookup_table import read_lookup_table
from service.imaging.reasons import Oddity

# Windows that paint nearly everything black or white are met in real files: they belong to another
# bit depth or to the picture before it was rescaled. A collimated film saturates half its pixels.
MAXIMUM_SATURATED_SHARE = 0.9
_EXPONENT_LIMIT = 700.0


def apply_voi(
    scale: GreyScale, header: Dataset, *, is_little_endian: bool
) -> tuple[GreyScale, tuple[Oddity, ...]]:
    """Return the scale after the first usable VOI LUT, else window, else as it was.

    A warning says that one was there but could not be used.
    """
    skipped = False
    for candidate in _candidates(scale, header, is_little_endian=is_little_endian):
        if candidate is not None and _is_usable(scale, candidate):
            return scale.mapped(candidate), (Oddity.VOI_IGNORED,) * skipped
        skipped = True
    return scale, (Oddity.VOI_IGNORED,) * skipped


def _candidates(
    scale: GreyScale, header: Dataset, *, is_little_endian: bool
) -> Iterator[Table | None]:
    """Yield what each LUT and window makes of the values; None for broken ones."""
    has_negative_input = bool(scale.values.min() < 0)
    for item in items(header, "VOILUTSequence"):
        table = read_lookup_table(
            item, is_little_endian=is_little_endian, has_negative_input=has_negative_input
        )
        yield None if table is None else table.look_up(scale.values)
    centers, widths = numbers(header, "WindowCenter"), numbers(header, "WindowWidth")
    function = WINDOWS.get(text(header, "VOILUTFunction"), linear)
    for center, width in zip(centers, widths, strict=False):
        is_sane = np.isfinite([center, width]).all() and width > 0
        yield function(scale.values, center, width) if is_sane else None
    if len(centers) != len(widths):
        yield None


def linear(values: Table, center: float, width: float) -> Table:
    """Return 0 to 1 by the LINEAR function (PS3.3 C.11.2.1.2.1); width below 1 has no meaning."""
    if width <= 1:
        return (values > center - 0.5).astype(np.float64)
    return np.clip((values - (center - 0.5)) / (width - 1) + 0.5, 0.0, 1.0)


def linear_exact(values: Table, center: float, width: float) -> Table:
    """Return 0 to 1 by the LINEAR_EXACT function (PS3.3 C.11.2.1.3.2)."""
    return np.clip((values - center) / width + 0.5, 0.0, 1.0)


def sigmoid(values: Table, center: float, width: float) -> Table:
    """Return 0 to 1 by the SIGMOID function (PS3.3 C.11.2.1.3.1)."""
    exponent = np.clip(-4.0 * (values - center) / width, -_EXPONENT_LIMIT, _EXPONENT_LIMIT)
    return 1.0 / (1.0 + np.exp(exponent))


WINDOWS: dict[str, Callable[[Table, float, float], Table]] = {
    "LINEAR": linear,
    "LINEAR_EXACT": linear_exact,
    "SIGMOID": sigmoid,
}


def _is_usable(scale: GreyScale, output: Table) -> bool:
    """Return whether few pixels reach an end of the output that were at no end of the input."""
    saturated = _at_end(output, output[scale.counts > 0]) & ~_at_end(scale.values, scale.used)
    share = scale.counts[saturated].sum() / scale.counts.sum()
    return bool(share <= MAXIMUM_SATURATED_SHARE)


def _at_end(values: Table, used: Table) -> NDArray[np.bool_]:
    lowest, highest = used.min(), used.max()
    tolerance = 1e-3 * (highest - lowest)
    ends: NDArray[np.bool_] = (values <= lowest + tolerance) | (values >= highest - tolerance)
    return ends
