"""What the commands show of a result.json."""

from datetime import UTC, datetime

import pytest

from service.commands.summary import (
    STAGES,
    ratio_text,
    reason_text,
    segments_found,
    stage_seconds,
    stand_ins,
)
from service.domain.analysis import ObjectKind, Reason
from service.domain.delivering import Sent
from service.domain.identifiers import JobId
from service.domain.job import Delivery, DeliveryState


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
               "encode_seg": 32.0, "encode_sr": 64.0, "gates": 128.0}  # fmt: skip

    seconds = stage_seconds(timings)

    assert tuple(seconds) == STAGES
    assert sum(seconds.values()) == sum(timings.values())
    assert (seconds["encode"], seconds["measure"]) == (96.0, 144.0)


def delivery(sent: Sent | None) -> Delivery:
    return Delivery(
        id=1,
        job_id=JobId("0" * 32),
        destination="pacs",
        kind=ObjectKind.SEG,
        sop_class_uid="1.2",
        sop_instance_uid="1.2.3",
        state=DeliveryState.DELIVERED,
        attempts=1,
        next_attempt_at=datetime(2026, 1, 1, tzinfo=UTC),
        reason=None,
        delivered_at=None,
        sent=sent,
    )


def test_what_went_in_place_of_what_was_wanted_is_said_with_its_reason() -> None:
    uids = ("1.2", "1.2.3", "1.2.840.10008.1.2")
    refused = Reason("stand_in", "the peer accepts no Segmentation Storage")
    sent = (
        None,
        Sent(ObjectKind.SEG, "", *uids, Reason("as_wanted", "the peer accepts it")),
        Sent(ObjectKind.GSPS, "", *uids, refused),
        Sent(ObjectKind.SEG, "strict", *uids, Reason("other_form", "for a reason")),
    )

    assert stand_ins(delivery(each) for each in sent) == (
        "pacs: sent gsps for seg: the peer accepts no Segmentation Storage",
        "pacs: sent seg (strict) for seg: for a reason",
    )
