from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from service.domain.analysis import EncodedObject, ObjectKind, Reason
from service.domain.delivering import Profile, Sent
from service.domain.identifiers import JobId
from service.domain.job import Delivery, DeliveryState
from service.domain.outbox import families_left, first_of_each

SEG, SR, SC = ObjectKind.SEG, ObjectKind.SR, ObjectKind.SC
PROFILE = Profile((SEG, SC), ("labelmap", ""))
WAITING = Delivery(
    id=1,
    job_id=JobId("0" * 32),
    destination="pacs",
    kind=SEG,
    sop_class_uid="1.2",
    sop_instance_uid="1.2.3",
    state=DeliveryState.WAITING,
    attempts=1,
    next_attempt_at=datetime(2026, 1, 1, tzinfo=UTC),
    reason=None,
    delivered_at=None,
)


def made(kind: ObjectKind, family: str, sop_instance_uid: str) -> EncodedObject:
    return EncodedObject(kind, "1.2", sop_instance_uid, Path(f"{kind}.dcm"), family)


def delivered(kind: ObjectKind, family: str, sent_kind: ObjectKind) -> Delivery:
    sent = Sent(sent_kind, family, "1.2", "1.2.3", "1.2.840.10008.1.2", Reason("x", "x"))
    return replace(WAITING, id=2, kind=kind, state=DeliveryState.DELIVERED, sent=sent)


def test_each_wanted_kind_is_put_in_once_from_the_best_family() -> None:
    objects = (
        made(SEG, "", "1"),
        made(SR, "", "2"),
        made(SC, "", "3"),
        made(SEG, "labelmap", "4"),
        made(SEG, "labelmap", "5"),
    )

    found = first_of_each(PROFILE, objects)

    assert [each.sop_instance_uid for each in found] == ["4", "3"]


def test_an_analysis_without_objects_puts_nothing_in() -> None:
    assert first_of_each(PROFILE, ()) == ()


def test_before_the_segmentation_is_there_every_family_may_go() -> None:
    waits = replace(WAITING, id=2)

    assert families_left(WAITING, (WAITING, waits), PROFILE) == ("labelmap", "")


def test_once_the_segmentation_is_there_the_rest_is_of_its_family() -> None:
    report = replace(WAITING, kind=SR)

    assert families_left(report, (delivered(SEG, "", SEG), report), PROFILE) == ("",)


def test_a_picture_in_place_of_the_segmentation_and_other_destinations_settle_nothing() -> None:
    report = replace(WAITING, kind=SR)
    elsewhere = replace(delivered(SEG, "", SEG), destination="archive")

    for sibling in (delivered(SEG, "", SC), delivered(SR, "", SR), elsewhere):
        assert families_left(report, (sibling, report), PROFILE) == ("labelmap", "")
