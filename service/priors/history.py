"""What is known of a patient's and an instance's past, as an analysis asks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydicom import Dataset

from service.domain.analysis import Analysis, Reason
from service.domain.film import Film
from service.domain.image import ViewPosition
from service.domain.prior import Prior
from service.domain.superseded import Superseded


@dataclass(frozen=True, slots=True)
class MeasuredFilm:
    """A film that went through the line: nothing of it was written or recorded."""

    header: Dataset
    analysis: Analysis


Check = Callable[[Dataset], None]
"""Looks at a header before the pixels are read; raises NotEligible when it is not wanted."""

Measure = Callable[[Path, Check], MeasuredFilm]
"""Reads a DICOM file within the limits for any input and measures it with the model in use.

Raises NotEligible, RejectedInstance, OutOfResources.
"""


@dataclass(frozen=True, slots=True)
class Present:
    """The film that is being analysed. measure: measures another film in the same way."""

    header: Dataset
    film: Film
    analysis: Analysis
    measure: Measure


@dataclass(frozen=True, slots=True)
class Lookup:
    """The prior, or why there is none; neither when none was looked for."""

    prior: Prior | None = None
    reason: Reason | None = None


class History(Protocol):
    """What an analysis asks; no answer may fail it or hold it up for long."""

    def film(self, header: Dataset, view: ViewPosition) -> Film | None:
        """Return what the film is found again by; None when nothing is kept of it."""

    def prior(self, present: Present) -> Lookup:
        """Return the prior of this film; never raises."""

    def superseded(self, analysis: Analysis) -> Superseded | None:
        """Return the result that this one replaces, or None; raises OutOfResources."""


class NoHistory:
    """For an analysis of files alone: nothing came before, and nothing is kept."""

    def film(self, header: Dataset, view: ViewPosition) -> Film | None:  # noqa: ARG002
        """Return None."""
        return None

    def prior(self, present: Present) -> Lookup:  # noqa: ARG002
        """Return nothing."""
        return Lookup()

    def superseded(self, analysis: Analysis) -> Superseded | None:  # noqa: ARG002
        """Return None."""
        return None


NO_HISTORY = NoHistory()
