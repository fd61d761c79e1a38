"""The line as a whole, with the model and a simulated radiograph of this repository."""

from dataclasses import replace

import pytest

from service.domain.analysis import Analysis
from service.domain.image import NO_SPACING, SourceImage
from service.domain.measurement import MeasurementStatus
from service.imaging.read import read_header, read_image
from service.imaging.reasons import Oddity
from service.inference.manifest import read_package
from service.inference.session import Segmenter
from service.pipeline import analyse
from tests.peers import REPOSITORY


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter(read_package(REPOSITORY / "models" / "cxr-anatomy-frontal" / "0.1.0"))


@pytest.fixture(scope="module")
def image() -> SourceImage:
    path = REPOSITORY / "samples" / "simulated-1.dcm"
    return read_image(path, read_header(path))


@pytest.fixture(scope="module")
def analysis(image: SourceImage, segmenter: Segmenter) -> Analysis:
    return analyse(image, segmenter)


def test_each_value_lies_in_an_interval_that_is_not_wide(analysis: Analysis) -> None:
    ratio = analysis.measurement("cardiothoracic_ratio")
    assert ratio is not None
    assert ratio.value is not None
    assert ratio.interval is not None

    low, high = ratio.interval

    assert low < ratio.value < high
    assert high - low < 0.2


def test_only_what_was_measured_has_an_interval(analysis: Analysis) -> None:
    refused = [m for m in analysis.measurements if m.status is MeasurementStatus.NOT_MEASURED]

    assert refused
    assert {measurement.interval for measurement in refused} == {None}


def test_the_same_image_gives_the_same_values_and_intervals(
    analysis: Analysis, image: SourceImage, segmenter: Segmenter
) -> None:
    assert analyse(image, segmenter).measurements == analysis.measurements


def test_pixels_of_unknown_shape_have_no_angles(image: SourceImage, segmenter: Segmenter) -> None:
    oblong = replace(image, spacing=NO_SPACING, warnings=(Oddity.PIXELS_NOT_SQUARE,))

    angle = analyse(oblong, segmenter).measurement("carinal_angle")

    assert angle is not None
    assert angle.reason == "the pixels are not square and no pixel spacing is known"
