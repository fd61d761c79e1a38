"""`ingest`: every source volume to one canonical, cubic npz, with its origin, licence and gates.

A volume that cannot be read or that a gate refuses is an item with `failed` and no npz.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from training.ingest.gate import GATES, Outcome, Verdict, load_gates
from training.ingest.preparing import Prepared, prepare
from training.ingest.refusal import Reason, Refused
from training.ingest.scan import Candidate, Scan
from training.stage import Stage

ENDS = 65536


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """`accept` names gates that only warn here."""

    spacing_mm: float
    accept: frozenset[str] = frozenset()


def ingest(candidates: Sequence[Candidate], folder: Path, settings: IngestSettings) -> Stage:
    """Write `<subject>.npz` for every volume that is fit.

    Raises UnknownPlugin for an accepted gate that does not exist.
    """
    load_gates()
    for gate in settings.accept:
        GATES.get(gate)
    by_name = _named(candidates)
    files = {name: {"key": _quick_hash(found.files)} for name, found in by_name.items()}
    recorded = {"spacing_mm": settings.spacing_mm, "accept": sorted(settings.accept)}
    stage = Stage.open(folder, "ingest", recorded, {}, files)

    def make(name: str) -> dict[str, Any]:
        candidate = by_name[name]
        facts = {
            "source": candidate.source,
            "licence": candidate.licence,
            "patient": candidate.patient,
        }
        try:
            scan, prepared = _prepared(candidate, settings.spacing_mm)
        except Refused as refusal:
            return facts | {"failed": str(refusal), "reason": str(refusal.reason)}
        found = facts | _record(scan, prepared)
        refusing = _refusing(prepared.verdicts, settings.accept)
        if refusing:
            gate, verdict = refusing[0]
            return found | {"failed": f"{gate}: {verdict.reason}", "reason": gate}
        prepared.volume.save(folder / f"{name}.npz")
        return found

    stage.each(by_name, make)
    return stage


def _prepared(candidate: Candidate, spacing_mm: float) -> tuple[Scan, Prepared]:
    """Read and prepare; whatever a strange file breaks is a refusal of that file."""
    try:
        scan = candidate.read()
        return scan, prepare(scan, spacing_mm)
    except Refused:
        raise
    except Exception as error:  # the edge to files of any content
        raise Refused(Reason.UNREADABLE, type(error).__name__) from error


def _refusing(verdicts: dict[str, Verdict], accepted: frozenset[str]) -> list[tuple[str, Verdict]]:
    return [
        (gate, verdict)
        for gate, verdict in verdicts.items()
        if verdict.outcome is Outcome.REFUSED and gate not in accepted
    ]


def _record(scan: Scan, prepared: Prepared) -> dict[str, Any]:
    """What the manifest keeps of a volume; the data card reads it."""
    labels = scan.labels
    ids = None if labels is None or labels.ids is None else sorted(labels.ids)
    return {
        "shape": prepared.volume.hu.shape,
        "labelled": labels is not None,
        "labels": None if labels is None else {"origin": labels.origin, "ids": ids},
        "acquisition": asdict(prepared.acquisition),
        "notes": list(prepared.notes),
        "gates": {name: asdict(verdict) for name, verdict in prepared.verdicts.items()},
    }


def _named(candidates: Iterable[Candidate]) -> dict[str, Candidate]:
    """By name; names that come twice are counted, so that no volume hides another."""
    named: dict[str, Candidate] = {}
    for candidate in candidates:
        name, count = candidate.name, 1
        while name in named:
            count += 1
            name = f"{candidate.name}-{count}"
        named[name] = candidate
    return named


def _quick_hash(files: Iterable[Path]) -> str:
    """SHA-256 over sizes and both ends of all files: whole collections are too large to hash."""
    digest = hashlib.sha256()
    for path in files:
        size = path.stat().st_size
        digest.update(f"{path.name}:{size};".encode())
        with path.open("rb") as file:
            digest.update(file.read(ENDS))
            file.seek(max(0, size - ENDS))
            digest.update(file.read(ENDS))
    return digest.hexdigest()
