from dataclasses import replace

import pytest

from service.domain.segmentation import Code, Laterality
from service.encoders.sr_groups import drawn_groups
from service.encoders.sr_sites import finding_sites, side
from tests.phantoms import LUNG, phantom_analysis

ANALYSIS = phantom_analysis()
LEFT_LUNG = Code("44029006", "SCT", "Left lung")


@pytest.mark.parametrize(
    ("site", "segments", "expected"),
    [
        (LUNG, ("right_lung",), Laterality.RIGHT),
        (LUNG, ("left_lung", "left_lung_field"), Laterality.LEFT),
        (LUNG, ("right_lung", "left_lung"), None),
        (LUNG, ("right_lung", "heart"), None),
        (LEFT_LUNG, ("left_lung",), None),
        (LUNG, ("a_label_of_another_model",), None),
    ],
    ids=["right", "left", "both", "with the heart", "own code", "unknown"],
)
def test_a_site_is_on_the_side_that_the_value_was_taken_from(
    site: Code, segments: tuple[str, ...], expected: Laterality | None
) -> None:
    measurement = replace(ANALYSIS.measurements[0], finding_site=site, segments=segments)

    assert side(measurement, ANALYSIS.segmentation) == expected


def test_a_site_of_several_measurements_is_told_once() -> None:
    (heart,) = finding_sites(drawn_groups(ANALYSIS)[0], ANALYSIS.segmentation)

    assert heart.value.meaning == "Heart"
    assert heart.laterality is None


def test_the_side_is_a_modifier_of_the_site() -> None:
    lung = replace(ANALYSIS.measurements[0], finding_site=LUNG, segments=("right_lung",))
    (group,) = drawn_groups(replace(ANALYSIS, measurements=(lung,)))

    (site,) = finding_sites(group, ANALYSIS.segmentation)

    assert site.laterality.meaning == "Right"
