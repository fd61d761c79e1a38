"""What the commands show of a result.json."""

from collections.abc import Mapping
from typing import Any

Result = Mapping[str, Any]
STAGES = ("read", "infer", "measure", "encode")
_STAGE_OF = {"preprocess": "infer", "postprocess": "infer", "compare": "measure"}


def segments_found(result: Result) -> int:
    """Return how many structures were found."""
    return sum(segment["present"] for segment in result["segments"])


def ratio_text(result: Result) -> str:
    """Return the cardiothoracic ratio, or that it was not measured; empty without an analysis."""
    for measurement in result["measurements"]:
        if measurement["key"] == "cardiothoracic_ratio":
            value = measurement["value"]
            return "not measured" if value is None else f"{value:.2f}"
    return ""


def reason_text(result: Result) -> str:
    """Return code and sentence; empty when there is nothing to explain."""
    reason = result["reason"]
    return f"{reason['code']}: {reason['text']}" if reason else ""


def stage_seconds(timings: Mapping[str, float]) -> dict[str, float]:
    """Return the seconds of the stages that people ask about."""
    seconds = dict.fromkeys(STAGES, 0.0)
    for name, value in timings.items():
        stage = "encode" if name.startswith("encode") else _STAGE_OF.get(name, name)
        seconds[stage] += value
    return seconds
