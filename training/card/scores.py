"""Tables of the card, from the JSON that `evaluate` writes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Scores = Mapping[str, Any]
"""What `evaluate` found for one package."""


def classes_table(classes: Mapping[str, Scores], what: str) -> str:
    """IoU, Dice and surface distance per class, best first; classes without a score at the end."""
    rows = sorted(classes.items(), key=lambda each: -_mean(each[1]["iou"]))
    head = [
        f"| class | {what} with it | IoU | Dice | surface distance, px | not found | invented |"
    ]
    return "\n".join([*head, "| --- |" + " --- |" * 6, *(_row(key, each) for key, each in rows)])


def _row(key: str, each: Scores) -> str:
    figures = [_cell(each["iou"]), _cell(each["dice"]), _cell(each["surface_px"], digits=1)]
    counts = [each["present"], *figures, each["missed"], each["invented"]]
    return f"| {key} | {' | '.join(str(count) for count in counts)} |"


def _mean(estimate: Mapping[str, float] | None) -> float:
    return -1.0 if estimate is None else estimate["mean"]


def _cell(estimate: Mapping[str, float] | None, digits: int = 3) -> str:
    if estimate is None:
        return "-"
    mean, low, high = (f"{estimate[name]:.{digits}f}" for name in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})"


def weak_classes(scores: Scores, below: float) -> Iterator[tuple[str, float]]:
    """Classes whose mean IoU is below a figure, on films or on projections, the worst first."""
    found: dict[str, float] = {}
    for part in (scores.get("summary"), scores.get("views")):
        for key, each in (part or {}).get("classes", {}).items():
            if each["iou"] is not None:
                found[key] = min(found.get(key, 1.0), each["iou"]["mean"])
    weak = [(key, iou) for key, iou in found.items() if iou < below]
    yield from sorted(weak, key=lambda each: each[1])


def unscored(have: Sequence[str], scores: Scores) -> list[str]:
    """Keys of the package that no film and no projection could score."""
    judged: set[str] = set()
    for part in (scores.get("summary"), scores.get("views")):
        classes = (part or {}).get("classes", {})
        judged |= {key for key, each in classes.items() if each["iou"] is not None}
    return [key for key in have if key not in judged]
