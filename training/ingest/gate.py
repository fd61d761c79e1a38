"""The questions asked of a volume before it may teach anything: one file each in `gates/`."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from service.plugins import Registry, load
from training.ingest import gates
from training.ingest.chest import Lungs, Mask
from training.ingest.scale import Scale
from training.ingest.scan import Acquisition
from training.ingest.volume import Volume


class Outcome(StrEnum):
    """What a gate says; only `refused` leaves a volume out."""

    OK = "ok"
    WARNING = "warning"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, the number it rests on and the limit that the number was held against."""

    outcome: Outcome
    score: float | None = None
    limit: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What gates may look at; everything on one coarse cubic grid (z, y, x).

    `removed_ml` is what was outside the body and denser than air; `lungs` is None where two were
    not found; `notes` are what reader and repair did.
    """

    volume: Volume
    body: Mask
    lungs: Lungs | None
    scale: Scale
    acquisition: Acquisition
    removed_ml: float
    metal_ml: float
    notes: tuple[str, ...]


Gate = Callable[[Evidence], Verdict]
GATES: Registry[Gate] = Registry("gate of a volume")


def load_gates() -> None:
    """Import every gate, so that each registers itself."""
    load(gates)


def verdicts(evidence: Evidence) -> dict[str, Verdict]:
    """Ask every gate."""
    load_gates()
    return {name: gate(evidence) for name, gate in GATES}


def graded(score: float, warn: float, refuse: float, reason: str) -> Verdict:
    """Larger is worse: ok up to `warn`, a warning up to `refuse`, refused beyond."""
    if score <= warn:
        return Verdict(Outcome.OK, score, warn)
    if score <= refuse:
        return Verdict(Outcome.WARNING, score, warn, reason)
    return Verdict(Outcome.REFUSED, score, refuse, reason)


def unanswered(reason: str = "no lungs to look at") -> Verdict:
    """Nothing to say; the gate of the lungs refuses such a volume itself."""
    return Verdict(Outcome.WARNING, None, None, reason)
