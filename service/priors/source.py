"""What a kind of source is. Adding one is one file in `service/priors/sources/`."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, Field

from service.inbound.spooling import TemporaryFiles
from service.plugins import Registry
from service.priors.patience import Deadline
from service.priors.question import Candidate, Question

MEGABYTE = 1 << 20


class SourceOptions(BaseModel):
    """What every source has: how long it may take in all, and how large an instance may be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout_seconds: float = Field(10.0, gt=0, le=60)
    maximum_mb: int = Field(128, gt=0)

    @property
    def maximum_bytes(self) -> int:
        """Return the largest instance that is taken."""
        return self.maximum_mb * MEGABYTE


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a source gets of this service: its AE title, and files that vanish with the process."""

    ae_title: str
    files: TemporaryFiles


class Session(Protocol):
    """A conversation with a source; what it answers is not trusted."""

    def search(self, question: Question) -> Iterable[Candidate]:
        """Return candidates, the newest first; raises PeerError."""

    def fetch(self, candidate: Candidate) -> Path | None:
        """Return the instance as a new temporary file; None when the source has it no more.

        Raises PeerError.
        """


class Peer(Protocol):
    """One configured source, made of its checked options."""

    Options: ClassVar[type[SourceOptions]]

    def __init__(self, options: Any, surroundings: Surroundings) -> None:  # noqa: ANN401
        """Take what the settings say; connect to nothing yet."""

    def session(self, deadline: Deadline) -> AbstractContextManager[Session]:
        """Return a conversation that ends with the block; raises PeerError."""


SOURCES: Registry[type[Peer]] = Registry("kind of prior source")
