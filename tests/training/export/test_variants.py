"""A variant is kept where it costs little, and its cost is said."""

from dataclasses import replace
from pathlib import Path
from shutil import copy

import numpy as np
import onnxruntime
import pytest

from service.inference.weights import Precision
from tests.training.export.conftest import SIZE, Made, pictures
from training.channels import TRAINED_KEYS
from training.export.golden import Golden, golden_of
from training.export.graph import Probabilities
from training.export.quantised import Picture, mean_iou
from training.export.variants import HALF_PARITY, MOST_LOST, write_variants
from training.fit.checkpoint import load_teacher


@pytest.fixture(scope="module")
def golden(made: Made) -> Golden:
    return golden_of(Probabilities(load_teacher(made.checkpoint), TRAINED_KEYS), SIZE)


@pytest.fixture
def weights(made: Made, tmp_path: Path) -> Path:
    return Path(copy(made.package / "weights.onnx", tmp_path / "weights.onnx"))


def test_what_a_variant_loses_is_measured_against_the_fp32_file(
    weights: Path, golden: Golden
) -> None:
    shown = pictures(2)

    reports = write_variants(weights, golden, shown)

    assert [each.precision for each in reports] == [Precision.FP16, Precision.INT8]
    for report in reports:
        path = weights.with_name(f"weights-{report.precision}.onnx")
        assert path.exists() == (report.variant is not None)
        if path.exists():
            assert report.lost == pytest.approx(mean_iou(weights, shown) - mean_iou(path, shown))
            assert report.lost < MOST_LOST


def test_a_variant_that_loses_too_much_is_removed(weights: Path, golden: Golden) -> None:
    """Pictures whose truth is what the fp32 file finds: it loses nothing, anything else does."""
    shown = [as_found(weights, each) for each in pictures(2)]

    half, quantised = write_variants(weights, golden, shown)

    assert mean_iou(weights, shown) == 1
    assert half.lost is not None
    assert quantised.lost is not None
    assert half.lost < quantised.lost
    assert quantised.lost >= MOST_LOST
    assert quantised.variant is None
    assert not weights.with_name("weights-int8.onnx").exists()


def as_found(weights: Path, picture: Picture) -> Picture:
    """Return the picture with the masks that the file finds."""
    session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"image": picture.image})
    return replace(picture, masks=found[0, : len(picture.known)] >= 0.5)


def test_a_half_that_strays_too_far_is_removed(weights: Path, golden: Golden) -> None:
    wrong = replace(golden, expected=tuple(each + 2 * HALF_PARITY for each in golden.expected))

    (half,) = write_variants(weights, wrong, ())

    assert half.variant is None
    assert not weights.with_name("weights-fp16.onnx").exists()
    assert "left out" in str(half)


def test_without_pictures_no_int8_file_is_tried(weights: Path, golden: Golden) -> None:
    (half,) = write_variants(weights, golden, ())

    assert half.precision is Precision.FP16
    assert half.lost is None


def test_channels_that_are_not_known_are_not_scored(weights: Path) -> None:
    shown = as_found(weights, pictures(1)[0])
    known = np.zeros_like(shown.known)
    known[3] = True
    spoilt = ~shown.masks
    spoilt[3] = shown.masks[3]

    assert shown.masks[3].any()
    assert mean_iou(weights, [replace(shown, masks=spoilt, known=known)]) == 1
