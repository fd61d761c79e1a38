"""One item after the other in this process: the executor of a single machine."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from training.executors.port import EXECUTORS, Make, Outcome, attempt


class Serial:
    """Makes items here and in order."""

    def each(self, names: Sequence[str], make: Make, folder: Path) -> Iterator[Outcome]:
        """Yield every item's outcome in order."""
        return (attempt(name, make, folder) for name in names)


@EXECUTORS.register("serial")
def serial(address: str) -> Serial:
    """Take no address: it runs where it is called."""
    if address:
        raise ValueError("the serial executor has no address")
    return Serial()
