"""LUT Descriptor and LUT Data of a Modality or VOI LUT Sequence item (PS3.3 C.11.1.1, C.11.2.1)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from service.imaging.attributes import numbers, value

_FULL_LENGTH = 65536
_SIGN = 32768


@dataclass(frozen=True, slots=True)
class LookupTable:
    """Output values for inputs from `first_mapped` on; float64 (entries,)."""

    first_mapped: int
    entries: NDArray[np.float64]

    def look_up(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the entry for each value; what lies outside takes the nearest end's."""
        index = np.round(values).astype(np.int64) - self.first_mapped
        found: NDArray[np.float64] = self.entries[np.clip(index, 0, len(self.entries) - 1)]
        return found


def read_lookup_table(
    item: Dataset, *, is_little_endian: bool, has_negative_input: bool
) -> LookupTable | None:
    """Return the table of a LUT sequence item, None when it is broken.

    has_negative_input: whether inputs may be negative; then the second value of LUT Descriptor is
    signed, whatever VR its writer gave it.
    """
    descriptor = numbers(item, "LUTDescriptor")
    if len(descriptor) != 3 or not np.isfinite(descriptor).all():  # noqa: PLR2004 - its multiplicity
        return None
    length, first, bits = (int(each) for each in descriptor)
    length = length % _FULL_LENGTH or _FULL_LENGTH
    if has_negative_input and first >= _SIGN:
        first -= 2 * _SIGN
    entries = _entries(item, length, bits, is_little_endian=is_little_endian)
    if entries is None or not 1 <= bits <= 16:  # noqa: PLR2004 - PS3.3 C.11.1.1.1
        return None
    return LookupTable(first, entries)


def _entries(
    item: Dataset, length: int, bits: int, *, is_little_endian: bool
) -> NDArray[np.float64] | None:
    """Return the first `length` entries, None when there are fewer. 8-bit ones may be packed."""
    found = value(item, "LUTData")
    if isinstance(found, bytes):
        is_packed = bits <= 8 and len(found) < 2 * length  # noqa: PLR2004 - bits of a byte
        order = "<" if is_little_endian else ">"
        whole = found if is_packed else found[: len(found) // 2 * 2]
        entries = np.frombuffer(whole, "u1" if is_packed else f"{order}u2").astype(np.float64)
    else:
        entries = np.array(numbers(item, "LUTData"), np.float64)
    if len(entries) < length or not np.isfinite(entries).all():
        return None
    return entries[:length]
