"""What `fit` and the stages after it ask of projected views, wherever these lie."""

from collections.abc import Collection, Sequence
from typing import Protocol

from training.fit.batches import SampleSource


class ViewSource(Protocol):
    """Projected views of one direction, by subject; `held` and `scored` are never trained on."""

    @property
    def stage(self) -> str:
        """The stage whose folder is read."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes with every view."""
        ...

    @property
    def origin(self) -> str:
        """How the views came to the training, for the package's manifest."""
        ...

    @property
    def trained(self) -> tuple[str, ...]:
        """Subjects that are trained on."""
        ...

    @property
    def held(self) -> tuple[str, ...]:
        """Subjects that choose between checkpoints."""
        ...

    @property
    def scored(self) -> tuple[str, ...]:
        """Subjects that the finished package is scored on."""
        ...

    def samples(self, subjects: Collection[str], unknown: Sequence[str] = ()) -> SampleSource:
        """The views of these subjects; `unknown` channels count as unknown on all of them."""
        ...

    def shown(self, subjects: Collection[str]) -> frozenset[str] | None:
        """Channels that at least one view of these subjects shows; None where no view is left."""
        ...
