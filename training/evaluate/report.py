"""The table of scores that the model card and the manifest quote."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from training.evaluate.films import FilmScore
from training.evaluate.metrics import Estimate, estimate
from training.evaluate.scores import ClassSummary, summarise_classes
from training.evaluate.sides import Sides


def summarise(scores: Sequence[FilmScore]) -> dict[str, Any]:
    """Means with 95 % bootstrap intervals; the ratio's error over films with a published value."""
    errors = [
        abs(score.ratio - score.published)
        for score in scores
        if score.ratio is not None and score.published is not None
    ]
    bias = [
        score.ratio - score.published
        for score in scores
        if score.ratio is not None and score.published is not None
    ]
    return {
        "films": len(scores),
        "lung_fields_iou": _mean([score.lung_fields for score in scores]),
        "heart_iou": _mean([score.heart for score in scores]),
        "ratio_mean_absolute_error": _mean(errors),
        "ratio_bias": round(float(np.mean(bias)), 4) if bias else None,
        "ratio_films": len(errors),
        "ratio_not_measured": sum(score.ratio is None for score in scores),
        "films_without_heart_or_lung": sum(_lacks_one(score) for score in scores),
        "classes": classes_as_json(summarise_classes(score.classes for score in scores)),
        "sides": sides_as_json(score.sides for score in scores),
    }


def classes_as_json(summaries: Iterable[ClassSummary]) -> dict[str, dict[str, Any]]:
    """Per class what `ClassSummary` holds, figures rounded to four digits."""
    return {each.key: _rounded(asdict(each)) for each in summaries}


def sides_as_json(sides: Iterable[Sides | None]) -> dict[str, float | int] | None:
    """The check for swapped sides: mean IoU as named and exchanged, and on how many it is worse."""
    known = [each for each in sides if each is not None]
    if not known:
        return None
    return {
        "as_named_iou": round(float(np.mean([each.as_named for each in known])), 4),
        "exchanged_iou": round(float(np.mean([each.exchanged for each in known])), 4),
        "pictures": len(known),
        "swapped": sum(each.are_swapped for each in known),
    }


def _lacks_one(score: FilmScore) -> bool:
    return min(score.heart, score.lung_fields) == 0 or any(not c.was_found for c in score.classes)


def _rounded(entry: dict[str, Any]) -> dict[str, Any]:
    nested = {k: _rounded(v) if isinstance(v, dict) else v for k, v in entry.items() if k != "key"}
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in nested.items()}


def _mean(values: Sequence[float]) -> dict[str, float] | None:
    found: Estimate | None = estimate(values)
    if found is None:
        return None
    return {k: round(v, 4) for k, v in asdict(found).items() if k != "count"}


def as_table(summaries: dict[str, dict[str, Any]]) -> str:
    """Markdown table, one row per model."""
    lines = [
        "| model | films | lung fields IoU | heart IoU | CTR error | CTR bias | CTR films |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, s in summaries.items():
        cells = [_cell(s[k]) for k in ("lung_fields_iou", "heart_iou", "ratio_mean_absolute_error")]
        lines.append(
            f"| {name} | {s['films']} | {' | '.join(cells)} "
            f"| {s['ratio_bias']} | {s['ratio_films']} |"
        )
    return "\n".join(lines)


def _cell(value: dict[str, float] | None) -> str:
    return (
        "-" if value is None else f"{value['mean']:.3f} ({value['low']:.3f} to {value['high']:.3f})"
    )
