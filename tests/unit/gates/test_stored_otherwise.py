"""The line on simulated radiographs: stored otherwise, they are recognised and not measured."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from service.domain.gate import Gate
from service.domain.image import SourceImage
from service.domain.measurement import CheckStatus, MeasurementStatus
from service.errors import NotEligible
from service.imaging.read import read_header, read_image
from service.inference.session import Segmenter
from service.pipeline import analyse
from tests.peers import REPOSITORY

Pixels = NDArray[np.float32]
SAMPLES = sorted((REPOSITORY / "samples").glob("*.dcm"))
CHANGES: dict[str, tuple[Callable[[Pixels], Pixels], Gate]] = {
    "inverted": (lambda pixels: pixels.max() - pixels, Gate.POLARITY),
    "on its left": (lambda pixels: np.rot90(pixels, 1), Gate.TURNED),
    "on its head": (lambda pixels: np.rot90(pixels, 2), Gate.TURNED),
    "on its right": (lambda pixels: np.rot90(pixels, 3), Gate.TURNED),
}


def sample(path: Path, change: Callable[[Pixels], Pixels] | None = None) -> SourceImage:
    image = read_image(path, read_header(path))
    return image if change is None else replace(image, pixels=change(image.pixels).copy())


def test_there_are_samples() -> None:
    assert len(SAMPLES) == 3


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_gate_stops_a_sample(segmenter: Segmenter, path: Path) -> None:
    analysis = analyse(sample(path), segmenter)

    assert [check for check in analysis.quality if check.status == CheckStatus.FAILED] == []
    ratio = analysis.measurement("cardiothoracic_ratio")
    assert ratio is not None
    assert ratio.status == MeasurementStatus.MEASURED


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_stored_otherwise_is_named_and_not_measured(
    segmenter: Segmenter, path: Path, change: str
) -> None:
    changed, gate = CHANGES[change]

    analysis = analyse(sample(path, changed), segmenter)

    failed = {check.check for check in analysis.quality if check.status == CheckStatus.FAILED}
    assert failed == {gate.value}
    assert {each.status for each in analysis.measurements} == {MeasurementStatus.NOT_MEASURED}
    assert all(each.reason for each in analysis.measurements)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_mirror_image_is_named(segmenter: Segmenter, path: Path) -> None:
    analysis = analyse(sample(path, np.fliplr), segmenter)

    failed = {check.check for check in analysis.quality if check.status == CheckStatus.FAILED}
    assert failed == {Gate.MIRRORED.value}


def blank(pixels: Pixels) -> Pixels:
    return np.full_like(pixels, 7.0)


def noise(pixels: Pixels) -> Pixels:
    return np.random.default_rng(3).normal(2000, 20, pixels.shape).astype(np.float32)


@pytest.mark.parametrize("exposure", [blank, noise])
def test_an_empty_exposure_is_skipped_by_name(
    segmenter: Segmenter, exposure: Callable[[Pixels], Pixels]
) -> None:
    with pytest.raises(NotEligible) as caught:
        analyse(sample(SAMPLES[0], exposure), segmenter)

    assert caught.value.code == "empty_exposure"


def test_shapes_that_are_no_chest_are_skipped_by_name(segmenter: Segmenter) -> None:
    def stripes(pixels: Pixels) -> Pixels:
        return np.sin(np.indices(pixels.shape)[1] / 40).astype(np.float32)

    with pytest.raises(NotEligible) as caught:
        analyse(sample(SAMPLES[0], stripes), segmenter)

    assert caught.value.code == "not_frontal_chest"
