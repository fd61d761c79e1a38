"""Curves on drawn films with the real package."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from service.inference.session import Segmenter
from training.evaluate.disturbances import DISTURBANCES
from training.evaluate.films import score_films
from training.evaluate.robustness import (
    completeness,
    evenly_chosen,
    own_answer,
    robustness_curves,
    truth_of,
)

ROTATION = [each for each in DISTURBANCES if each.name == "rotation"]


def test_films_are_chosen_evenly_from_first_to_last() -> None:
    paths = [Path(str(number)) for number in range(10)]

    assert evenly_chosen(paths, 4) == [Path(name) for name in "0369"]
    assert evenly_chosen(paths, 99) == paths
    assert evenly_chosen(paths, 0) == []


def test_against_its_own_answer_an_undisturbed_film_scores_one(
    segmenter: Segmenter, films: Path
) -> None:
    lungs, heart = robustness_curves(
        segmenter, [films / "130.png"], own_answer(segmenter), ROTATION
    )

    assert (lungs.structure, heart.structure) == ("lung fields", "heart")
    for curve in (lungs, heart):
        assert curve.undisturbed is not None
        assert curve.undisturbed.mean == 1
        others = [p.iou.mean for p in curve.points if p.strength and p.iou is not None]
        assert len(others) == len(ROTATION[0].strengths) - 1
        assert max(others) < 1


def test_against_the_truth_the_undisturbed_film_scores_as_it_does_alone(
    segmenter: Segmenter, films: Path
) -> None:
    (alone,) = score_films(segmenter, films, [130])

    lungs, heart = robustness_curves(segmenter, [films / "130.png"], truth_of, ROTATION)

    assert lungs.undisturbed is not None
    assert heart.undisturbed is not None
    assert lungs.undisturbed.mean == pytest.approx(alone.lung_fields)
    assert heart.undisturbed.mean == pytest.approx(alone.heart)


def test_a_film_without_a_chest_is_counted_as_lacking(segmenter: Segmenter, films: Path) -> None:
    empty = films / "empty.png"
    Image.fromarray(np.full((64, 64), 9, np.uint8)).save(empty)

    found = completeness(segmenter, [films / "130.png", empty])

    assert (found.films, found.complete) == (2, 1)
    assert found.lacking[0].startswith("empty: ")
