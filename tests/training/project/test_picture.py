import numpy as np
import pytest

from service.errors import UnknownPlugin
from training.project.picture import Integrals, names, render

RANDOM = np.random.default_rng(4)
WATER = RANDOM.uniform(0.5, 6, (6, 5)).astype(np.float32).repeat(8, 0).repeat(8, 1)
BONE = RANDOM.uniform(0, 0.8, (6, 5)).astype(np.float32).repeat(8, 0).repeat(8, 1)
BASELINES = {"matsu", "bone_matsu", "sharpening", "hist_matsu"}


def test_the_physics_and_the_published_transfer_functions_are_there() -> None:
    assert set(names()) == BASELINES | {"radiograph"}


@pytest.mark.parametrize("name", sorted(BASELINES | {"radiograph"}))
def test_every_appearance_is_a_finite_picture_brighter_where_it_is_dense(name: str) -> None:
    found = render(name, Integrals(WATER, BONE), np.random.default_rng(1))

    assert found.shape == WATER.shape
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert np.corrcoef(found.ravel(), (WATER + BONE).ravel())[0, 1] > 0.6


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_the_published_functions_draw_no_lots(name: str) -> None:
    first, second = (
        render(name, Integrals(WATER, BONE), np.random.default_rng(seed)) for seed in (1, 2)
    )

    assert np.array_equal(first, second)


def test_an_unknown_appearance_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UnknownPlugin, match="radiograph"):
        render("xerox", Integrals(WATER, BONE), np.random.default_rng(1))
