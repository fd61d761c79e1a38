"""A film's scores are the masks' own, and the ratio is the one that the service gives."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from service.inference.session import Segmenter
from service.pipeline import analyse
from tests.peers import REPOSITORY
from training.evaluate.films import DRAWN, drawn_masks, mask_of, read_film, score_films, segment
from training.evaluate.gates import picture


def test_scores_are_those_of_the_services_masks(segmenter: Segmenter, films: Path) -> None:
    (score,) = score_films(segmenter, films, [130])

    found = segment(segmenter, read_film(films / "130.png"))
    truth = drawn_masks(films / "130.png", (128, 128))
    iou = {
        key: (mask_of(found, key) & truth[key]).sum() / (mask_of(found, key) | truth[key]).sum()
        for key in DRAWN
    }
    assert {each.key: each.iou for each in score.classes} == pytest.approx(iou)
    assert score.lung_fields == pytest.approx((iou[DRAWN[0]] + iou[DRAWN[1]]) / 2)
    assert score.heart == pytest.approx(iou["heart"])
    assert score.mean_iou == pytest.approx(np.mean(list(iou.values())))
    assert score.sides is not None
    assert not score.sides.are_swapped


def test_the_ratio_is_the_lines_own(segmenter: Segmenter, tmp_path: Path) -> None:
    pixels = picture(REPOSITORY / "samples" / "simulated-1.dcm").pixels
    grey = (255 * (pixels - pixels.min()) / np.ptp(pixels)).astype(np.uint8)
    Image.fromarray(grey).save(tmp_path / "131.png")
    Image.fromarray(np.zeros((*grey.shape, 3), np.uint8)).save(tmp_path / "131.mask.png")
    (tmp_path / "ctr.csv").write_text("id,ctr_published\n131,0.52\n")

    (score,) = score_films(segmenter, tmp_path, [131])

    line = analyse(picture(tmp_path / "131.png"), segmenter).measurement("cardiothoracic_ratio")
    assert line is not None
    assert score.measured is not None
    assert (score.measured, score.reason) == (line.value, line.reason)
    assert score.published == 0.52


def test_a_picture_that_is_no_chest_has_a_reason_and_no_ratio(
    segmenter: Segmenter, tmp_path: Path
) -> None:
    Image.fromarray(np.full((64, 64), 9, np.uint8)).save(tmp_path / "001.png")
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(tmp_path / "001.mask.png")

    (score,) = score_films(segmenter, tmp_path, [1])

    assert score.measured is None
    assert score.reason
    assert score.published is None
