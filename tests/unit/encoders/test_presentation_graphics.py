from dataclasses import replace

import numpy as np
import pytest
from pydicom.dataset import Dataset

from service.domain.analysis import Analysis, ObjectKind
from service.domain.measurement import QualityCheck
from service.encoders.contours import outlines
from service.encoders.derived_uids import tracking_uid
from service.encoders.presentation_graphics import image_relative
from service.encoders.registry import encode
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of
from tests.phantoms import without_measurements

HEADER = build_dx(np.zeros((240, 200), dtype=np.uint16))


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analysis_of(HEADER)


@pytest.fixture(scope="module")
def made(analysis: Analysis) -> Dataset:
    return state_of(analysis)


def state_of(analysis: Analysis) -> Dataset:
    return encode(ObjectKind.GSPS, analysis, HEADER, VIEWER)


def on_layer(made: Dataset, name: str) -> Dataset:
    (found,) = (item for item in made.GraphicAnnotationSequence if item.GraphicLayer == name)
    return found


def texts(made: Dataset) -> str:
    items = (item.get("TextObjectSequence", []) for item in made.GraphicAnnotationSequence)
    return "\n".join(text.UnformattedTextValue for each in items for text in each)


def test_each_found_structure_has_a_layer_of_its_own(made: Dataset, analysis: Analysis) -> None:
    named = {layer.GraphicLayer: layer for layer in made.GraphicLayerSequence}
    heart = analysis.segmentation.segment("heart")
    clavicle_left = analysis.segmentation.segment("clavicle_left")

    assert named[f"SEGMENT {heart.number}"].GraphicLayerDescription == heart.label
    assert f"SEGMENT {clavicle_left.number}" not in named, "it was not found"


def test_layers_of_different_colours_have_different_colour_values(
    made: Dataset, analysis: Analysis
) -> None:
    segments = {f"SEGMENT {s.number}": s.colour_rgb for s in analysis.segmentation.segments}
    values = {
        segments[layer.GraphicLayer]: tuple(layer.GraphicLayerRecommendedDisplayCIELabValue)
        for layer in made.GraphicLayerSequence
        if layer.GraphicLayer in segments
    }

    assert len(values) == len(set(values.values())) == 5


def test_an_outline_is_the_mask_s_border_under_the_tracking_uid_of_the_segment(
    made: Dataset, analysis: Analysis
) -> None:
    (graphic,) = on_layer(made, "SEGMENT 3").GraphicObjectSequence
    (expected,) = outlines(analysis.segmentation.mask("heart"))

    points = np.array(graphic.GraphicData).reshape(-1, 2)

    assert graphic.GraphicType == "POLYLINE"
    assert np.allclose(points[:, ::-1] - 0.5, expected, atol=1e-4)
    assert graphic.TrackingUID == tracking_uid(analysis, "heart")


def test_points_count_from_the_corner_and_stay_in_the_image() -> None:
    placed = image_relative([(-0.5, -0.5), (0, 0), (9.5, 19.5), (50, 50)], 10, 20)

    assert placed.tolist() == [[0, 0], [0.5, 0.5], [20, 10], [20, 10]]


def test_a_measured_line_lies_where_it_was_measured_and_carries_its_values(
    made: Dataset, analysis: Analysis
) -> None:
    width = analysis.measurement("cardiac_width")
    ratio = analysis.measurement("cardiothoracic_ratio")
    assert width is not None
    assert ratio is not None
    layer = on_layer(made, "MEASUREMENTS")

    graphic, text = layer.GraphicObjectSequence[0], layer.TextObjectSequence[0]

    (row, low), (_, high) = width.points
    assert list(graphic.GraphicData) == [low + 0.5, row + 0.5, high + 0.5, row + 0.5]
    assert graphic.TrackingID == "cardiac_width"
    assert text.UnformattedTextValue.split("\r\n") == [
        f"{width.name} {width.value:.0f} mm",
        f"{ratio.name} {ratio.value:.2f}",
    ]


def test_texts_stay_inside_the_image(made: Dataset) -> None:
    boxes = [
        (*text.BoundingBoxTopLeftHandCorner, *text.BoundingBoxBottomRightHandCorner)
        for text in on_layer(made, "MEASUREMENTS").TextObjectSequence
    ]

    assert boxes
    assert all(
        0 <= left < right <= 200 and 0 <= top < low <= 240 for left, top, right, low in boxes
    )


def test_lines_of_construction_have_a_layer_of_their_own(analysis: Analysis) -> None:
    midline = ((10.0, 100.0), (200.0, 100.0))
    first, *others = analysis.measurements
    aided = replace(analysis, measurements=(replace(first, aids=(midline,)), *others))

    (graphic,) = on_layer(state_of(aided), "CONSTRUCTION").GraphicObjectSequence

    assert list(graphic.GraphicData) == [100.5, 10.5, 100.5, 200.5]


def test_warnings_and_refusals_are_said(analysis: Analysis) -> None:
    refused = without_measurements(analysis, "the heart was not found")
    warned = QualityCheck("rotation", "warning", 0.25, 0.4, "the patient is turned")

    said = texts(state_of(replace(refused, quality=(warned,))))

    assert "not for diagnosis".upper() in said
    assert "rotation warning: the patient is turned" in said
    assert "Cardiothoracic ratio: not measured (the heart was not found)" in said


def test_what_passed_is_not_mentioned(made: Dataset) -> None:
    assert "view" not in texts(made)


def test_a_film_on_which_nothing_was_found_has_its_remarks(analysis: Analysis) -> None:
    empty = replace(analysis.segmentation, masks=np.zeros_like(analysis.segmentation.masks))
    nothing = replace(without_measurements(analysis), segmentation=empty)

    layers = [layer.GraphicLayer for layer in state_of(nothing).GraphicLayerSequence]

    assert layers == ["REMARKS"]
