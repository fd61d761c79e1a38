"""What counts, and what does not."""

import numpy as np
import pytest
import torch
from monai.metrics import compute_dice, compute_iou

from training.evaluate.metrics import estimate
from training.evaluate.scores import mean_iou, score_class, score_classes, summarise_classes

EMPTY = np.zeros((16, 16), bool)


def square(column: int) -> np.ndarray:
    mask = EMPTY.copy()
    mask[4:12, column : column + 8] = True
    return mask


def test_overlap_of_half_moved_squares_is_a_third_and_dice_a_half() -> None:
    score = score_class("heart", square(0), square(4), pixel_mm=0.7)

    assert score.iou == pytest.approx(4 / 12)
    assert score.dice == pytest.approx(8 / 16)
    # The far side, 8 of 28 surface pixels, lies four pixels away; 512 / 16 = 32 per pixel.
    assert score.surface_px == pytest.approx(4 * 32)
    assert score.surface_mm == pytest.approx(4 * 0.7)
    assert score.area == 64 / 256


def test_monai_gives_the_same_overlap() -> None:
    random = np.random.default_rng(3)
    found, truth = random.random((2, 16, 16)) > 0.4
    tensors = [torch.from_numpy(each)[None, None].float() for each in (found, truth)]

    score = score_class("heart", found, truth)

    assert score.iou == pytest.approx(float(compute_iou(*tensors)))
    assert score.dice == pytest.approx(float(compute_dice(*tensors)))


def test_only_classes_of_truth_and_model_are_scored() -> None:
    scores = score_classes({"a": EMPTY, "b": EMPTY}, {"b": EMPTY, "c": EMPTY})

    assert [score.key for score in scores] == ["b"]


def test_missed_and_invented_are_counted_and_absent_does_not_count() -> None:
    pictures = [
        (score_class("rib", square(0), square(0)),),
        (score_class("rib", EMPTY, square(0)),),
        (score_class("rib", square(0), EMPTY),),
        (score_class("rib", EMPTY, EMPTY),),
    ]

    (found,) = summarise_classes(pictures)

    assert (found.known, found.present, found.missed, found.invented) == (4, 2, 1, 1)
    assert found.iou is not None
    assert (found.iou.count, found.iou.mean) == (3, pytest.approx(1 / 3))
    assert found.surface_px is not None
    assert found.surface_px.count == 1
    assert found.surface_mm is None


def test_a_class_that_is_nowhere_leaves_the_mean_alone() -> None:
    picture = (
        score_class("a", square(0), square(0)),
        score_class("b", EMPTY, square(0)),
        score_class("c", EMPTY, EMPTY),
    )

    assert mean_iou(summarise_classes([picture])) == pytest.approx(0.5)
    assert mean_iou(summarise_classes([picture[2:]])) is None


def test_no_values_have_no_estimate() -> None:
    assert estimate([]) is None
    found = estimate([0.5, 0.5])
    assert found is not None
    assert (found.mean, found.low, found.high, found.count) == (0.5, 0.5, 0.5, 2)
