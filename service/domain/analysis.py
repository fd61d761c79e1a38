"""All that is known about one radiograph after the line has run, and the objects made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from service.domain.image import SourceImage
from service.domain.location import Location
from service.domain.measurement import Measurement, QualityCheck
from service.domain.model import ModelIdentity, Runtime
from service.domain.prior import Change, Prior
from service.domain.segmentation import Segmentation
from service.domain.superseded import Superseded


class ObjectKind(StrEnum):
    """The results that can be asked for, by the name used in file names and URLs."""

    SEG = "seg"
    SR = "sr"
    SC = "sc"
    GSPS = "gsps"
    KOS = "kos"
    PDF = "pdf"


DEFAULT_KINDS = (ObjectKind.SEG, ObjectKind.SR, ObjectKind.SC)
"""What is made and delivered where a deployment asks for nothing else."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an instance did not end `done`: a stable code and a sentence free of patient data."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Analysis:
    """The outcome of the line for one eligible radiograph. `timings` are seconds per stage.

    prior: the earlier result that it was compared with, if one was found; changes: of each
    measurement that both have. prior_reason: why there is none, when one was looked for; told in
    JSON alone, because it may change with the network, and the objects must not.
    superseded: the result of another model or version that this one replaces, if there is one.
    locations: the named places of the chest, as boxes. runtime: what ran the model; None for masks
    that no model made.
    """

    image: SourceImage
    model: ModelIdentity
    segmentation: Segmentation
    measurements: tuple[Measurement, ...]
    quality: tuple[QualityCheck, ...]
    timings: Mapping[str, float] = field(default_factory=dict)
    prior: Prior | None = None
    changes: tuple[Change, ...] = ()
    prior_reason: Reason | None = None
    superseded: Superseded | None = None
    locations: tuple[Location, ...] = ()
    runtime: Runtime | None = None

    def measurement(self, key: str) -> Measurement | None:
        """Return the measurement called `key`, measured or not; None when nobody took it."""
        return next((m for m in self.measurements if m.key == key), None)


@dataclass(frozen=True, slots=True)
class EncodedObject:
    """One DICOM result as a Part 10 file on disk; `family` as in service.domain.delivering."""

    kind: ObjectKind
    sop_class_uid: str
    sop_instance_uid: str
    path: Path
    family: str = ""
