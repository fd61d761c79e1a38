from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from service.domain.image import NO_SPACING
from service.domain.measurement import Measurement
from service.encoders.sr_groups import drawn_groups, outline, refused, tracking_key
from tests.phantoms import phantom_analysis, without_measurements


def keys(measurements: tuple[Measurement, ...]) -> list[str]:
    return [measurement.key for measurement in measurements]


def test_a_ratio_joins_the_group_whose_line_it_shares() -> None:
    analysis = phantom_analysis()

    heart, thorax = drawn_groups(analysis)

    assert keys(heart.measurements) == ["cardiac_width", "cardiothoracic_ratio"]
    assert keys(thorax.measurements) == ["thoracic_width"]
    width = analysis.measurement("cardiac_width")
    assert width is not None
    assert heart.points == width.points


def test_a_ratio_whose_host_was_not_measured_is_drawn_on_its_own_line() -> None:
    analysis = phantom_analysis(spacing=NO_SPACING)
    ratio = analysis.measurement("cardiothoracic_ratio")

    (group,) = drawn_groups(analysis)

    assert ratio is not None
    assert group.points == ratio.points
    assert keys(refused(analysis)) == ["cardiac_width", "thoracic_width"]


def test_a_value_without_a_line_is_drawn_on_its_first_segment_that_was_found() -> None:
    analysis = phantom_analysis(spacing=NO_SPACING)
    ratio = analysis.measurements[1]
    lineless = replace(ratio, points=(), segments=("clavicle_left", "heart"))

    (group,) = drawn_groups(replace(analysis, measurements=(lineless,)))

    assert group.points == outline(analysis.segmentation.mask("heart"))


def test_there_is_always_a_group_to_show() -> None:
    analysis = without_measurements(phantom_analysis())
    nothing = replace(analysis.segmentation, masks=np.zeros_like(analysis.segmentation.masks))

    (outlined,) = drawn_groups(analysis)
    (border,) = drawn_groups(replace(analysis, segmentation=nothing))

    assert (outlined.key, border.key) == ("right_lung_field", "image")
    assert border.measurements == ()
    assert border.points[2] == (analysis.image.rows - 1, analysis.image.columns - 1)


def test_an_unknown_spacing_gives_an_area_in_pixels() -> None:
    analysis = without_measurements(phantom_analysis(spacing=NO_SPACING))

    (area,) = drawn_groups(analysis)[0].measurements

    assert (area.value, area.unit.value) == (analysis.segmentation.masks[0].sum(), "{pixels}")


def test_no_two_groups_share_a_tracking_key() -> None:
    analysis = phantom_analysis()
    again = replace(analysis.measurements[0], key="heart_height")
    both = replace(analysis, measurements=(*analysis.measurements, again))

    tracked = [tracking_key(group, both) for group in drawn_groups(both)]

    assert tracked == ["heart", "thoracic_width", "heart_height"]


def test_tracking_does_not_depend_on_what_could_be_measured() -> None:
    tracked = {
        tracking_key(drawn_groups(analysis)[0], analysis)
        for analysis in (phantom_analysis(), phantom_analysis(spacing=NO_SPACING))
    }

    assert tracked == {"heart"}


@settings(deadline=None)
@given(arrays(bool, st.tuples(st.integers(1, 90), st.integers(1, 12))))
def test_an_outline_is_closed_and_touches_only_the_mask(mask: NDArray[np.bool_]) -> None:
    mask[0, 0] = True

    points = outline(mask)

    assert points[0] == points[-1]
    assert all(mask[int(row), int(column)] for row, column in points)


def test_an_outline_follows_both_sides_of_a_shape() -> None:
    mask = np.zeros((4, 6), dtype=bool)
    mask[1, 2:4] = mask[2, 1:5] = True

    assert outline(mask) == ((1, 2), (2, 1), (2, 4), (1, 3), (1, 2))
