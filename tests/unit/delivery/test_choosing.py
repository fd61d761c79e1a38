from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import (
    ComprehensiveSRStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)

from service.delivery.candidates import Candidate
from service.delivery.choosing import Answers, Choice, choose
from service.dimse.negotiation import LABEL_MAP_SEGMENTATION_STORAGE
from service.dimse.scu import OutgoingInstance
from service.domain.analysis import ObjectKind
from service.domain.delivering import Profile
from service.errors import PeerRefused

SEG, SR, SC = ObjectKind.SEG, ObjectKind.SR, ObjectKind.SC
INSTEAD = {SEG: (SC,), SR: (SC,)}


def instance(sop_class: str, family: str, syntax: str = ExplicitVRLittleEndian) -> OutgoingInstance:
    return OutgoingInstance(Path("x.dcm"), 0, sop_class, f"{family}/{sop_class}", syntax)


def family(name: str, segmentation: str, syntax: str = ExplicitVRLittleEndian) -> Candidate:
    return Candidate(
        name,
        {
            SEG: (instance(segmentation, name, syntax),),
            SR: (instance(ComprehensiveSRStorage, name),),
            SC: (instance(SecondaryCaptureImageStorage, name),),
        },
    )


LABELMAP = family("labelmap", LABEL_MAP_SEGMENTATION_STORAGE, RLELossless)
BINARY = family("", SegmentationStorage)
EVERYTHING = (
    LABEL_MAP_SEGMENTATION_STORAGE,
    SegmentationStorage,
    ComprehensiveSRStorage,
    SecondaryCaptureImageStorage,
)


def chosen(
    wanted: ObjectKind,
    *accepted: str,
    objects: tuple[ObjectKind, ...] = (SEG, SR),
    refused: Mapping[str, int] | None = None,
    instead: Mapping[ObjectKind, tuple[ObjectKind, ...]] = INSTEAD,
) -> Choice:
    profile = Profile(objects, ("labelmap", ""), instead)
    answers = Answers(lambda sop_class, _: sop_class in accepted, refused or {})
    return choose(wanted, (LABELMAP, BINARY), profile, answers)


def test_a_peer_that_takes_everything_gets_the_best() -> None:
    choice = chosen(SEG, *EVERYTHING)

    assert (choice.sent.family, choice.sent.why.code) == ("labelmap", "as_wanted")
    assert choice.sent.why.text == "the peer accepts Label Map Segmentation Storage"


@pytest.mark.parametrize("wanted", [SEG, SR])
def test_the_report_is_of_the_family_of_the_segmentation_that_the_peer_takes(
    wanted: ObjectKind,
) -> None:
    choice = chosen(wanted, *EVERYTHING[1:])

    assert (choice.sent.kind, choice.sent.family) == (wanted, "")
    assert choice.sent.why.code == "other_form"
    assert choice.sent.why.text == "the peer accepts no Label Map Segmentation Storage"


def test_a_family_that_the_settings_ask_for_only_since_is_not_passed_off_as_wanted() -> None:
    everything = Answers(lambda *_: True, {})

    sent = choose(SEG, (BINARY,), Profile((SEG,), ("strict",)), everything).sent

    assert (sent.family, sent.why.code) == ("", "other_form")
    assert "was not made when this was analysed" in sent.why.text


def test_without_any_segmentation_a_picture_goes_in_its_place() -> None:
    choice = chosen(SEG, *EVERYTHING[2:])

    assert (choice.sent.kind, choice.sent.family) == (SC, "")
    assert choice.sent.why.code == "stand_in"
    assert choice.sent.why.text == "the peer accepts no Segmentation Storage"
    assert not choice.goes_anyway


def test_a_picture_that_is_wanted_for_itself_is_not_sent_twice() -> None:
    choice = chosen(SEG, SecondaryCaptureImageStorage, objects=(SEG, SR, SC))

    assert choice.goes_anyway
    assert choice.sent.kind is SC


def test_what_the_peer_refused_by_a_status_is_passed_over() -> None:
    refused = {LABEL_MAP_SEGMENTATION_STORAGE: 0x0122}

    choice = chosen(SEG, *EVERYTHING, refused=refused)

    assert choice.sent.family == ""
    assert "answered 0x0122 to Label Map Segmentation Storage" in choice.sent.why.text


@pytest.mark.parametrize(
    ("refused", "code"),
    [({}, "context_refused"), ({SegmentationStorage: 0xA900}, "store_refused")],
)
def test_with_nothing_left_the_object_is_refused_for_good(
    refused: dict[str, int], code: str
) -> None:
    with pytest.raises(PeerRefused) as caught:
        chosen(SEG, ComprehensiveSRStorage, refused=refused, instead={})

    assert caught.value.code == code
    assert "Segmentation Storage" in caught.value.text


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_a_peer_that_takes_only_plain_syntaxes_gets_the_same_instance_in_one(syntax: str) -> None:
    packed = family("", SegmentationStorage, RLELossless)
    answers = Answers(lambda _, proposed: proposed == syntax, {})

    sent = choose(SEG, (packed,), Profile((SEG,)), answers).sent

    assert sent.sop_instance_uid == packed.instances[SEG][0].sop_instance_uid
    assert sent.transfer_syntax_uid == syntax
    assert sent.why.code == "other_transfer_syntax"
    assert "not in RLE Lossless" in sent.why.text


def test_all_layers_of_a_segmentation_go_or_none() -> None:
    layers = (
        instance(LABEL_MAP_SEGMENTATION_STORAGE, "labelmap"),
        instance(SegmentationStorage, "labelmap"),
    )
    two = Candidate("labelmap", {SEG: layers})
    profile = Profile((SEG,), ("labelmap", ""))
    some = Answers(lambda sop_class, _: sop_class == SegmentationStorage, {})
    everything = Answers(lambda *_: True, {})

    assert choose(SEG, (two, BINARY), profile, some).sent.family == ""
    both = choose(SEG, (two, BINARY), profile, everything)
    assert [each for each, _ in both.instances] == list(layers)


@given(st.frozensets(st.sampled_from(EVERYTHING)))
def test_whatever_a_peer_takes_its_segmentation_and_its_report_belong_together(
    accepted: frozenset[str],
) -> None:
    """Unless the report is the stand-in, whose picture names no segmentation."""
    found = []
    for wanted in (SEG, SR):
        try:
            found.append(chosen(wanted, *accepted).sent)
        except PeerRefused:
            assert SecondaryCaptureImageStorage not in accepted
    for sent in found:
        assert sent.sop_class_uid in accepted
    assert len({sent.family for sent in found}) <= 1
