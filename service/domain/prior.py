"""An earlier result of the same patient, and what changed since."""

from dataclasses import dataclass
from enum import StrEnum

from service.domain.identifiers import InstanceReference
from service.domain.image import SpacingProvenance, ViewPosition
from service.domain.measurement import Measurement
from service.domain.model import ModelIdentity


class Relation(StrEnum):
    """How a value stands to the prior one, judged by the repeatability of both."""

    LARGER = "larger"
    SMALLER = "smaller"
    NO_CHANGE = "no_change"


@dataclass(frozen=True, slots=True)
class Prior:
    """The newest earlier radiograph of this patient that was measured in the same view.

    acquired: DICOM date (YYYYMMDD) of the image. source: where it was found (`database`, or the
    name of the configured source). It was measured by `model`, the same that measures now.
    spacing: where its millimetres come from; lengths are compared only with like ones.
    """

    reference: InstanceReference
    acquired: str
    view: ViewPosition
    source: str
    model: ModelIdentity
    measurements: tuple[Measurement, ...]
    spacing: SpacingProvenance = SpacingProvenance.NONE


@dataclass(frozen=True, slots=True)
class Change:
    """One measurement against the prior one. difference = now - before, in the unit of both.

    threshold: the smallest difference that is more than repeatability; None when that is unknown,
    and then relation is None: nothing is claimed.
    """

    key: str
    before: float
    now: float
    difference: float
    threshold: float | None
    relation: Relation | None
