from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import UID, RLELossless

from service.anatomy.profiles import FULL
from service.domain.analysis import Analysis, ObjectKind
from service.domain.identifiers import SOPInstanceUID
from service.domain.image import NO_SPACING
from service.encoders.derived_uids import (
    derived_uid,
    frame_of_reference_uid,
    object_identity,
    tracking_uid,
)
from service.encoders.registry import EncodingOptions, SegForm
from tests.headers import STRICT, VIEWER
from tests.phantoms import REFERENCE, RUNTIME, phantom_analysis

OTHER_IMAGE = replace(REFERENCE, sop_instance_uid=SOPInstanceUID("1.2.3.4"))


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return phantom_analysis(16, 16)


@settings(deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=4))
def test_a_derived_uid_is_valid_whatever_it_comes_from(parts: list[str]) -> None:
    uid = UID(derived_uid(*parts))

    assert uid.is_valid
    assert len(uid) <= 64


def test_parts_do_not_run_into_each_other() -> None:
    assert derived_uid("ab", "c") != derived_uid("a", "bc")


def test_the_same_analysis_has_the_same_identity_again(analysis: Analysis) -> None:
    again = phantom_analysis(16, 16)

    first = object_identity(ObjectKind.SEG, analysis, VIEWER)

    assert object_identity(ObjectKind.SEG, again, VIEWER) == first


def test_each_kind_is_an_instance_and_a_series_of_its_own(analysis: Analysis) -> None:
    identities = [object_identity(kind, analysis, VIEWER) for kind in ObjectKind]
    uids = {identity.sop_instance_uid for identity in identities}
    uids |= {identity.series_instance_uid for identity in identities}

    assert len(uids) == 2 * len(ObjectKind)


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({"model": replace(phantom_analysis(8, 8).model, sha256="cd" * 32)}, VIEWER),
        ({"image": replace(phantom_analysis(16, 16).image, reference=OTHER_IMAGE)}, VIEWER),
        ({"image": replace(phantom_analysis(16, 16).image, spacing=NO_SPACING)}, VIEWER),
        ({"runtime": replace(RUNTIME, library="onnxruntime 9.9.9")}, VIEWER),
        ({}, STRICT),
        ({}, replace(VIEWER, segments=FULL)),
        ({}, replace(VIEWER, seg_form=SegForm.BINARY)),
    ],
    ids=[
        "other weights",
        "another image",
        "another spacing",
        "another runtime",
        "another profile",
        "other labels",
        "another form",
    ],
)
def test_what_changes_the_object_changes_its_uid(
    analysis: Analysis, change: dict[str, Any], options: EncodingOptions
) -> None:
    changed = replace(analysis, **change)

    before = object_identity(ObjectKind.SEG, analysis, VIEWER).sop_instance_uid

    assert object_identity(ObjectKind.SEG, changed, options).sop_instance_uid != before


def test_another_transfer_syntax_is_the_same_instance(analysis: Analysis) -> None:
    compressed = replace(VIEWER, seg_transfer_syntax_uid=RLELossless)

    assert object_identity(ObjectKind.SEG, analysis, compressed) == object_identity(
        ObjectKind.SEG, analysis, VIEWER
    )


def test_tracking_outlives_the_model(analysis: Analysis) -> None:
    newer = replace(analysis, model=replace(analysis.model, sha256="cd" * 32, version="2.0.0"))

    assert tracking_uid(newer, "heart") == tracking_uid(analysis, "heart")
    assert tracking_uid(analysis, "heart") != tracking_uid(analysis, "trachea")


def test_no_two_images_share_a_frame_of_reference(analysis: Analysis) -> None:
    other = replace(analysis, image=replace(analysis.image, reference=OTHER_IMAGE))

    assert frame_of_reference_uid(other) != frame_of_reference_uid(analysis)
