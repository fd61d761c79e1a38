from dataclasses import replace

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import SegmentationStorage

from service.domain.analysis import Analysis
from service.domain.measurement import Measurement, NormalRange
from service.encoders.sr_segmentation import ReferencedSegmentation, SegmentReference
from service.encoders.sr_values import measured_value
from tests.phantoms import phantom_analysis
from tests.reports import detailed, every_item, name_of, numbers_below, texts_of

SEGMENTATION = ReferencedSegmentation(
    SegmentationStorage,
    "1.2",
    {"heart": SegmentReference("1.2.3", 3), "right_lung_field": SegmentReference("1.2.3", 1)},
)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return detailed(phantom_analysis())


def width(analysis: Analysis) -> Measurement:
    return analysis.measurements[0]


def number(measurement: Measurement, analysis: Analysis) -> Dataset:
    return measured_value(measurement, analysis, SEGMENTATION)[0]


def with_range(analysis: Analysis, low: float | None, high: float | None) -> Dataset:
    limited = replace(width(analysis), normal=NormalRange(low, high, "adults", "a paper"))
    return number(limited, analysis)


def test_the_interval_is_given_as_uncertainty_to_either_side(analysis: Analysis) -> None:
    value = width(analysis).value or 0

    found = numbers_below(number(width(analysis), analysis))

    # The interval reaches 5 % to either side.
    assert found["+, range of upper measurement uncertainty"] == pytest.approx(
        0.05 * value, abs=1e-3
    )
    assert found["-, range of lower measurement uncertainty"] == pytest.approx(
        0.05 * value, abs=1e-3
    )


def test_an_unknown_repeatability_is_not_made_up(analysis: Analysis) -> None:
    bare = replace(width(analysis), interval=None)

    assert not any("uncertainty" in name for name in numbers_below(number(bare, analysis)))


@pytest.mark.parametrize(
    ("low", "high", "limits", "said"),
    [
        (None, 9.0, {"Normal Range Upper Limit": 9.0}, "up to 9 mm: adults"),
        (2.5, None, {"Normal Range Lower Limit": 2.5}, "from 2.5 mm: adults"),
        (
            2.5,
            9.0,
            {"Normal Range Lower Limit": 2.5, "Normal Range Upper Limit": 9.0},
            "from 2.5 to 9 mm: adults",
        ),
    ],
)
def test_a_range_has_the_ends_that_it_has_and_its_source(
    analysis: Analysis,
    low: float | None,
    high: float | None,
    limits: dict[str, float],
    said: str,
) -> None:
    made = with_range(analysis, low, high)

    found = {name: value for name, value in numbers_below(made).items() if "Normal" in name}
    assert found == limits
    assert {said, "a paper"} <= set(texts_of(made))


def test_a_value_names_the_segments_that_it_was_taken_from(analysis: Analysis) -> None:
    ratio = analysis.measurements[1]

    (source,) = (
        i
        for i in every_item(number(ratio, analysis))
        if i.ValueType == "IMAGE" and name_of(i) == "Referenced Segment"
    )

    reference = source.ReferencedSOPSequence[0]
    assert source.RelationshipType == "INFERRED FROM"
    assert reference.ReferencedSOPInstanceUID == "1.2.3"
    # The left lung field is not in this SEG: nothing refers to what is not there.
    assert list(reference.ReferencedSegmentNumber) == [3, 1]
    assert "ReferencedFrameNumber" not in reference


def test_segments_of_a_label_map_are_not_named(analysis: Analysis) -> None:
    label_map = replace(SEGMENTATION, sop_class_uid="1.2.840.10008.5.1.4.1.1.66.7")

    made = measured_value(width(analysis), analysis, label_map)[0]

    assert "Referenced Segment" not in {name_of(item) for item in every_item(made)}


def test_no_number_stands_directly_below_a_value(analysis: Analysis) -> None:
    # Pixelmed would call it a source of the value with a wrong relationship.
    children = number(width(analysis), analysis).ContentSequence

    assert {child.ValueType for child in children} == {"TEXT", "IMAGE"}


def test_the_full_name_is_told_where_the_code_says_less(analysis: Analysis) -> None:
    diameter, ratio = analysis.measurements[:2]

    assert diameter.name in texts_of(number(diameter, analysis))
    assert ratio.name not in texts_of(number(ratio, analysis))
