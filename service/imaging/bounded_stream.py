"""A stream that runs dry: pydicom reads from it, and hostile headers end with it.

pydicom reads a 16 MB header of 2 million empty items for minutes, and trusts any length.
"""

from dataclasses import dataclass
from typing import BinaryIO


class BudgetSpent(Exception):
    """The header asked for more reads or bytes than it may."""


@dataclass(slots=True)
class ReadBudget:
    """What is left for all streams that share it."""

    reads: int
    size_bytes: int

    def spend(self, size: int) -> None:
        """Take one read of `size` bytes off; raises BudgetSpent."""
        self.reads -= 1
        self.size_bytes -= size
        if self.reads < 0 or self.size_bytes < 0:
            raise BudgetSpent


class BoundedStream:
    """`size` bytes to read, each read charged to the budget.

    A read beyond the end is cut before anything is allocated: lengths of 4 GB are claimed.
    """

    name = "a DICOM file"

    def __init__(self, stream: BinaryIO, size: int, budget: ReadBudget) -> None:
        self._stream = stream
        self._size = size
        self._budget = budget

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all that is left when negative."""
        left = max(self._size - self._stream.tell(), 0)
        granted = left if size < 0 else min(size, left)
        self._budget.spend(granted)
        return self._stream.read(granted)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to `offset` and return the new position."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._stream.tell()
