"""A film's scores are the masks' own, and the ratio is the one that the service gives."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from service.inference.session import Segmenter
from service.pipeline import analyse
from tests.peers import REPOSITORY
from tests.training.evaluate.conftest import PACKAGE
from training.evaluate.films import DRAWN, drawn_masks, mask_of, read_film, score_films, segment
from training.evaluate.findings import findings
from training.evaluate.gates import picture
from training.evaluate.stage import Material, evaluate_package


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


def test_what_cannot_be_read_is_named_and_the_rest_is_scored(films: Path, tmp_path: Path) -> None:
    for path in films.glob("13*"):
        shutil.copy(path, tmp_path)
    (tmp_path / "131.png").write_bytes(b"no picture")
    Image.fromarray(np.zeros((9, 5, 3), np.uint8)).save(tmp_path / "132.mask.png")
    shutil.copy(films / "130.png", tmp_path / "133.png")

    found = evaluate_package(PACKAGE, Material(films=tmp_path, ids=(130, 131, 132, 133, 134)))

    assert [score.film for score in found.films] == ["130"]
    assert dict(found.unreadable) == {
        "131": "neither a whole PNG nor a whole JPEG",
        "132": "the mask has other proportions than the film",
        "133": "133.mask.png is missing",
        "134": "134.png is missing",
    }
    assert "Film 133 was left out: 133.mask.png is missing." in findings(found)


def test_a_folder_without_any_film_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"130\.png is missing"):
        evaluate_package(PACKAGE, Material(films=tmp_path, ids=(130,)))
