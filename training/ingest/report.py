"""What the gates say of volumes, as a Markdown table for people."""

from training.ingest.gate import GATES, Outcome, Verdict, load_gates
from training.ingest.preparing import prepare
from training.ingest.refusal import Refused
from training.ingest.scan import Candidate

MARKS = {Outcome.OK: "", Outcome.WARNING: " (!)", Outcome.REFUSED: " **refused**"}


def heading() -> str:
    """The two head lines, one column a gate."""
    load_gates()
    columns = ["volume", *GATES.names(), "outcome"]
    return "| " + " | ".join(columns) + " |\n" + "| --- " * len(columns) + "|"


def line(candidate: Candidate, spacing_mm: float) -> str:
    """One volume: every score, marked where it warns or refuses, and the outcome."""
    try:
        found = prepare(candidate.read(), spacing_mm).verdicts
    except Refused as refusal:
        cells = ["" for _ in GATES.names()]
        return _row([candidate.name, *cells, str(refusal)])
    refusing = [gate for gate, verdict in found.items() if verdict.outcome is Outcome.REFUSED]
    outcome = f"left out: {', '.join(refusing)}" if refusing else "taken"
    return _row([candidate.name, *map(_cell, found.values()), outcome])


def _cell(verdict: Verdict) -> str:
    score = "-" if verdict.score is None else f"{verdict.score:.3g}"
    return score + MARKS[verdict.outcome]


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
