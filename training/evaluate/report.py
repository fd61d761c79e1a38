"""The table of scores that the model card and the manifest quote."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from training.evaluate.films import FilmScore
from training.evaluate.metrics import bootstrap_interval


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
        "films_without_heart_or_lung": sum(min(s.heart, s.lung_fields) == 0 for s in scores),
    }


def _mean(values: Sequence[float]) -> dict[str, float] | None:
    if not values:
        return None
    low, high = bootstrap_interval(values)
    return {"mean": round(float(np.mean(values)), 4), "low": round(low, 4), "high": round(high, 4)}


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
