"""What a stage asks of an executor, and what becomes of one item."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from service.plugins import Registry
from training.failure import DiskFull, Failure, is_disk_full
from training.manifest import Record

Make = Callable[[str], Record]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One item: what its maker recorded, or why it failed (exactly one of the two)."""

    name: str
    record: Record | None = None
    failure: Failure | None = None


class Executor(Protocol):
    """Makes items somewhere, in any order, each at least once."""

    def each(self, names: Sequence[str], make: Make, folder: Path) -> Iterator[Outcome]:
        """Yield every item's outcome as it ends; raises DiskFull when `folder` can hold no more.

        `make` writes into `folder` through `training.durable.whole_file`, so that an item that is
        made twice is the same as one made once.
        """
        ...


EXECUTORS: Registry[Callable[[str], Executor]] = Registry("executor")


def attempt(name: str, make: Make, folder: Path) -> Outcome:
    """Make one item; every error but a full disk becomes its outcome."""
    try:
        return Outcome(name, record=make(name))
    except Exception as error:
        if is_disk_full(error, folder):
            raise DiskFull(folder) from error
        return Outcome(name, failure=Failure.of(error))
