"""The earlier result of the same image that a new one replaces."""

from dataclasses import dataclass

from service.domain.model import ModelIdentity


@dataclass(frozen=True, slots=True)
class SupersededObject:
    """One object of the earlier result, as a reference to it is written."""

    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """The newest earlier result of the same SOP Instance by another model or software version.

    study_instance_uid: the study that its objects are in (the source's). objects: in the order of
    its result.json.
    """

    study_instance_uid: str
    model: ModelIdentity
    objects: tuple[SupersededObject, ...]

    def of_class(self, sop_class_uid: str) -> tuple[SupersededObject, ...]:
        """Return its objects of this SOP Class."""
        return tuple(each for each in self.objects if each.sop_class_uid == sop_class_uid)
