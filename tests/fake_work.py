"""Analyses and destinations that do what a test says."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from service.domain.analysis import EncodedObject, ObjectKind, Reason
from service.domain.delivering import DEFAULT_FAMILY, Offer, Profile, Sent
from service.domain.job import Job, JobState
from service.domain.model import ModelIdentity
from service.domain.outcome import Outcome
from service.processing import Route

SEGMENTATION_STORAGE = "1.2.840.10008.5.1.4.1.1.66.4"
MODEL = ModelIdentity("phantom", "1.0.0", "ab" * 32)


AS_TOLD = Reason("as_wanted", "as the test says")


@dataclass
class ScriptedDeliverer:
    """A destination that does what the test says, and remembers what it was given.

    It wants all kinds, of the families that `families` names.
    """

    behave: Callable[[Offer], None] = lambda _: None
    received: list[tuple[str, bytes]] = field(default_factory=list)
    families: tuple[str, ...] = (DEFAULT_FAMILY,)
    position: int = 0
    why: Reason = AS_TOLD

    @property
    def route(self) -> Route:
        return Route("scripted", self, Profile(tuple(ObjectKind), self.families))

    def deliver(self, offer: Offer) -> Sent:
        self.behave(offer)
        family = offer.families[self.position]
        (path,) = family.files[offer.wanted]
        content = path.read_bytes()
        sop_instance_uid = uid_of(content)
        self.received.append((sop_instance_uid, content))
        uids = (SEGMENTATION_STORAGE, sop_instance_uid, "1.2.840.10008.1.2.1")
        return Sent(offer.wanted, family.name, *uids, self.why)


@dataclass
class ScriptedAnalysis:
    """An analysis that writes small files into the folder, or does what the test says first."""

    before: Callable[[Path], None] = lambda _: None
    kinds: tuple[ObjectKind, ...] = (ObjectKind.SEG, ObjectKind.SR)
    calls: int = 0

    def __call__(self, path: Path, folder: Path) -> Outcome:
        self.calls += 1
        self.before(folder)
        content = path.read_bytes()
        objects = tuple(_write_object(kind, folder, content) for kind in self.kinds)
        (folder / "result.json").write_text(f'{{"call": {self.calls}}}')
        return Outcome(JobState.DONE, None, None, MODEL, objects)


def skipping_analysis(_path: Path, folder: Path) -> Outcome:
    """End every instance as not eligible."""
    (folder / "result.json").write_text('{"status": "skipped"}')
    return Outcome(JobState.SKIPPED, Reason("not_chest", "not a chest"), None, None, ())


def write_end(folder: Path, job: Job) -> None:
    """Write a result of a job that ended without an analysis."""
    assert job.reason is not None
    (folder / "result.json").write_text(f'{{"status": "{job.state}", "code": "{job.reason.code}"}}')


def _write_object(kind: ObjectKind, folder: Path, content: bytes) -> EncodedObject:
    """Derive everything from the input, as real encoders do: once more is the same again."""
    path = folder / f"{kind}.dcm"
    path.write_bytes(kind.encode() + content)
    return EncodedObject(kind, SEGMENTATION_STORAGE, uid_of(path.read_bytes()), path)


def uid_of(content: bytes) -> str:
    """Return the SOP Instance UID of a made-up object."""
    return f"2.25.{int.from_bytes(hashlib.sha256(content).digest()[:15])}"
