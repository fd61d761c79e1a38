from dataclasses import replace

from service.anatomy.profiles import label_profile
from service.domain.analysis import ObjectKind
from service.encoders.registry import EncodingOptions, SegForm, encode_all
from service.encoders.sr_segmentation import referenced_segmentation
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of

HEADER = build_dx()
ANALYSIS = analysis_of(HEADER)
LABELMAP = replace(VIEWER, seg_form=SegForm.LABELMAP)


def check_is_what_is_encoded(options: EncodingOptions) -> int:
    """Return how many instances there are, after comparing each segment with the SEG itself."""
    made = encode_all(ObjectKind.SEG, ANALYSIS, HEADER, options)

    referenced = referenced_segmentation(ANALYSIS, options)

    assert referenced.series_instance_uid == made[0].SeriesInstanceUID
    assert {referenced.sop_class_uid} == {each.SOPClassUID for each in made}
    assert {
        key: (each.sop_instance_uid, each.number) for key, each in referenced.segments.items()
    } == {
        item.TrackingID: (each.SOPInstanceUID, item.SegmentNumber)
        for each in made
        for item in each.SegmentSequence
        if "TrackingID" in item
    }
    return len(made)


def test_segments_are_referred_to_by_their_number_in_the_seg() -> None:
    assert check_is_what_is_encoded(VIEWER) == 1


def test_segments_of_a_labelmap_are_referred_to_in_their_layer() -> None:
    # On the phantom the lungs overlap the heart: one layer does not do.
    assert check_is_what_is_encoded(LABELMAP) > 1


def test_a_value_of_two_layers_names_both() -> None:
    referenced = referenced_segmentation(ANALYSIS, LABELMAP)
    apart = {each.sop_instance_uid: key for key, each in referenced.segments.items()}

    numbers = referenced.numbers_by_instance((*apart.values(), "a_label_of_another_model"))

    assert list(numbers) == list(apart)
    assert all(len(each) == 1 for each in numbers.values())


def test_without_a_label_of_the_profile_nothing_is_referred_to() -> None:
    other = replace(VIEWER, segments=label_profile(["aortic_arch"]))

    referenced = referenced_segmentation(ANALYSIS, other)

    assert (referenced.segments, referenced.instances) == ({}, ())
