"""What the commands show of a result.json."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.domain.delivering import AS_WANTED, Sent
from service.domain.job import Delivery

Result = Mapping[str, Any]
STAGES = ("read", "infer", "measure", "encode")
_STAGE_OF = {"read": "read", "preprocess": "infer", "infer": "infer", "postprocess": "infer"}
"""What is neither here nor encoding is done with the masks, and counts as measuring."""


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


def stand_ins(deliveries: Iterable[Delivery]) -> tuple[str, ...]:
    """Return a line for each delivery that got something else than was wanted, and why."""
    return tuple(
        f"{each.destination}: sent {_named(each.sent)} for {each.kind}: {each.sent.why.text}"
        for each in deliveries
        if each.sent is not None and each.sent.why.code != AS_WANTED
    )


def _named(sent: Sent) -> str:
    return f"{sent.kind} ({sent.family})" if sent.family else str(sent.kind)


def stage_seconds(timings: Mapping[str, float]) -> dict[str, float]:
    """Return the seconds of the stages that people ask about."""
    seconds = dict.fromkeys(STAGES, 0.0)
    for name, value in timings.items():
        stage = "encode" if name.startswith("encode") else _STAGE_OF.get(name, "measure")
        seconds[stage] += value
    return seconds
