from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from service.domain.analysis import Analysis
from service.domain.segmentation import Segmentation
from service.encoders.overlay import (
    patient_left_is_on_image_right,
    render_overlay,
    shown_segments,
    write_overlay,
)
from service.encoders.picture import picture_scale
from tests.phantoms import phantom_analysis, without_measurements

ROWS, COLUMNS = 1200, 1000  # drawn one to one: picture pixels are source pixels


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return phantom_analysis(ROWS, COLUMNS)


@pytest.fixture(scope="module")
def picture(analysis: Analysis) -> NDArray[np.uint8]:
    return render_overlay(analysis)


def is_like(pixel: NDArray[np.uint8], colour: Sequence[int], tolerance: int = 60) -> bool:
    return bool(np.abs(pixel.astype(int) - np.array(colour)).max() < tolerance)


def mirrored(analysis: Analysis) -> Analysis:
    masks = np.ascontiguousarray(analysis.segmentation.masks[:, :, ::-1])
    return replace(analysis, segmentation=replace(analysis.segmentation, masks=masks))


def test_the_film_lies_at_the_top_left_with_a_panel_below(picture: NDArray[np.uint8]) -> None:
    rows, columns, samples = picture.shape

    assert (columns, samples) == (COLUMNS, 3)
    assert rows > ROWS


def test_an_outline_has_its_segment_s_colour(
    analysis: Analysis, picture: NDArray[np.uint8]
) -> None:
    lung = analysis.segmentation.mask("right_lung_field")
    row = ROWS // 3
    first = int(np.flatnonzero(lung[row])[0])

    near = picture[row, first - 2 : first + 3]

    colour = analysis.segmentation.segment("right_lung_field").colour_rgb
    assert any(is_like(pixel, colour) for pixel in near)


def test_the_film_shows_through_inside_a_segment(
    analysis: Analysis, picture: NDArray[np.uint8]
) -> None:
    bare = render_overlay(replace(analysis, segmentation=_empty(analysis)))
    inside = (ROWS // 3, int(COLUMNS * 0.29))

    assert is_like(picture[inside], tuple(int(v) for v in bare[inside]))


def _empty(analysis: Analysis) -> Segmentation:
    return replace(analysis.segmentation, masks=np.zeros_like(analysis.segmentation.masks))


def test_measured_lines_are_drawn_from_end_to_end(
    analysis: Analysis, picture: NDArray[np.uint8]
) -> None:
    width = analysis.measurement("cardiac_width")
    assert width is not None
    (row, low), (_, high) = width.points

    line = picture[round(row), round(low) + 3 : round(high) - 3]

    assert (line == 255).all()


def test_the_warning_is_burnt_into_the_film(picture: NDArray[np.uint8]) -> None:
    amber = np.abs(picture[:60].astype(int) - (255, 196, 0)).max(axis=2) < 10

    assert amber.sum() > 500


def test_a_main_line_has_its_value_beside_it(analysis: Analysis) -> None:
    """The cardiac width is white, and nothing else is as near to its right end."""
    width = analysis.measurement("cardiac_width")
    assert width is not None
    _, (row, right) = width.points
    beside = slice(round(row) - 40, round(row) - 12), slice(round(right) - 60, round(right) + 60)

    with_line = render_overlay(analysis)[beside]
    without = render_overlay(without_measurements(analysis))[beside]

    assert (with_line == 255).all(axis=2).sum() > (without == 255).all(axis=2).sum() + 100


def test_other_lines_are_thinner_than_main_ones(analysis: Analysis) -> None:
    width = analysis.measurement("cardiac_width")
    assert width is not None
    high, low = 0.3 * ROWS, 0.8 * ROWS
    lines = [((at, 0.1 * COLUMNS), (at, 0.9 * COLUMNS)) for at in (high, low)]
    main = replace(width, points=lines[0])
    other = replace(width, key="other", points=lines[1])
    column = round(0.5 * COLUMNS)

    drawn = render_overlay(replace(analysis, measurements=(main, other)))
    bare = render_overlay(replace(analysis, measurements=()))
    changed = (drawn[:ROWS, column] != bare[:ROWS, column]).any(axis=1)

    near_main = changed[round(high) - 15 : round(high) + 16].sum()
    near_other = changed[round(low) - 15 : round(low) + 16].sum()
    assert 0 < near_other < near_main


def test_lines_of_construction_are_dashed(analysis: Analysis) -> None:
    first, *others = analysis.measurements
    midline = ((0.2 * ROWS, 0.5 * COLUMNS), (0.45 * ROWS, 0.5 * COLUMNS))
    aided = replace(analysis, measurements=(replace(first, aids=(midline,)), *others))
    rows, column = slice(round(0.32 * ROWS), round(0.43 * ROWS)), round(0.5 * COLUMNS)

    along = (render_overlay(aided)[rows, column] == 255).all(axis=1)

    assert np.count_nonzero(np.diff(along)) > 3, "white and not white take turns"


def test_a_lung_is_left_out_where_its_field_is_shown(analysis: Analysis) -> None:
    shown = [segment.key for segment in shown_segments(analysis)]

    assert shown == ["right_lung_field", "left_lung_field", "heart", "clavicle_right", "trachea"]


def test_sides_follow_header_and_masks_when_they_agree(analysis: Analysis) -> None:
    assert patient_left_is_on_image_right(analysis) is True
    turned = replace(
        mirrored(analysis), image=replace(analysis.image, patient_left_is_on_image_right=False)
    )
    assert patient_left_is_on_image_right(turned) is False


def test_sides_follow_the_masks_when_the_header_is_silent(analysis: Analysis) -> None:
    silent = replace(analysis.image, patient_left_is_on_image_right=None)

    assert patient_left_is_on_image_right(replace(analysis, image=silent)) is True
    assert patient_left_is_on_image_right(replace(mirrored(analysis), image=silent)) is False


def test_no_side_is_marked_when_header_and_masks_contradict_each_other(
    analysis: Analysis,
) -> None:
    contradicted = mirrored(analysis)
    marks = slice(20, 80), slice(20, 70)

    assert patient_left_is_on_image_right(contradicted) is None
    assert (render_overlay(analysis)[marks] > 200).any()
    assert not (render_overlay(contradicted)[marks] > 200).any()


def test_a_refused_analysis_is_drawn_with_its_outlines(analysis: Analysis) -> None:
    refused = render_overlay(without_measurements(analysis))

    assert refused.shape[1] == COLUMNS


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (3000, 40)])
def test_any_size_can_be_drawn(size: tuple[int, int]) -> None:
    analysis = phantom_analysis(240, 200)
    pixels = np.zeros(size, dtype=np.float32)
    masks = np.ones((len(analysis.segmentation.segments), *size), dtype=bool)
    odd = replace(
        analysis,
        image=replace(analysis.image, pixels=pixels),
        segmentation=replace(analysis.segmentation, masks=masks),
    )

    scale = picture_scale(odd)

    assert render_overlay(odd).shape[1] == scale.columns


def test_the_png_is_the_picture_and_the_same_each_time(
    analysis: Analysis, picture: NDArray[np.uint8], tmp_path: Path
) -> None:
    write_overlay(analysis, tmp_path / "first.png")
    write_overlay(analysis, tmp_path / "second.png")
    first = (tmp_path / "first.png").read_bytes()

    assert first == (tmp_path / "second.png").read_bytes()
    assert np.array_equal(np.asarray(Image.open(BytesIO(first))), picture)
