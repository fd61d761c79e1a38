"""What the commands show of a result.json."""

import pytest

from service.commands.summary import (
    STAGES,
    ratio_text,
    reason_text,
    segments_found,
    stage_seconds,
)


def result(**changes: object) -> dict[str, object]:
    return {"segments": [], "measurements": [], "reason": None} | changes


def test_empty_segments_are_not_counted() -> None:
    segments = [{"present": True}, {"present": False}, {"present": True}]

    assert segments_found(result(segments=segments)) == 2


@pytest.mark.parametrize(("value", "shown"), [(0.4967, "0.50"), (None, "not measured")])
def test_the_ratio_is_shown_or_said_to_be_missing(value: float | None, shown: str) -> None:
    measurements = [{"key": "cardiothoracic_ratio", "value": value}]

    assert ratio_text(result(measurements=measurements)) == shown


def test_without_an_analysis_there_is_no_ratio() -> None:
    assert ratio_text(result()) == ""


def test_a_reason_is_its_code_and_its_sentence() -> None:
    reason = {"code": "not_chest", "text": "another part of the body"}

    assert reason_text(result(reason=reason)) == "not_chest: another part of the body"
    assert reason_text(result()) == ""


def test_the_stages_add_up_to_all_that_was_timed() -> None:
    timings = {"read": 1.0, "preprocess": 2.0, "infer": 4.0, "postprocess": 8.0, "measure": 16.0,
               "encode_seg": 32.0, "encode_sr": 64.0}  # fmt: skip

    seconds = stage_seconds(timings)

    assert tuple(seconds) == STAGES
    assert sum(seconds.values()) == sum(timings.values())
    assert seconds["encode"] == 96.0
