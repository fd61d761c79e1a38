from dataclasses import replace

from service.domain.analysis import ObjectKind
from service.encoders.family import FamilyOptions, all_families
from service.encoders.registry import EncodingOptions, SegProfile

SEG, SR, SC = ObjectKind.SEG, ObjectKind.SR, ObjectKind.SC
VIEWER = EncodingOptions(SegProfile.VIEWER, "2.25.1")
STRICT = replace(VIEWER, seg_profile=SegProfile.STRICT)


def test_what_is_always_made_is_the_default_family() -> None:
    assert all_families(VIEWER, (SEG, SR), ()) == (FamilyOptions("", VIEWER, (SEG, SR)),)


def test_a_destination_may_ask_for_more_of_the_default_family() -> None:
    more = FamilyOptions("", VIEWER, (SC,))

    assert all_families(VIEWER, (SR, SEG), (more,)) == (FamilyOptions("", VIEWER, (SEG, SR, SC)),)


def test_other_families_follow_with_the_kinds_that_are_asked_for() -> None:
    strict = FamilyOptions("strict", STRICT, (SR,))

    assert all_families(VIEWER, (SEG,), (strict,))[1:] == (strict,)
