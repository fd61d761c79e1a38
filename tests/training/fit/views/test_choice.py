"""The recipe chooses where views are read from, and which direction."""

from pathlib import Path

import pytest

from tests.peers import REPOSITORY
from tests.training.pack.sets import VIEWS, add_lateral, run_of
from training.experiment import PackRecipe, Recipe, read_recipe
from training.fit.views.choice import views_of
from training.pack.stage import pack_samples

SMOKE = read_recipe(REPOSITORY / "training" / "experiments" / "smoke.yaml")


def recipe(source: str, *, lateral: bool) -> Recipe:
    fit = SMOKE.fit.model_copy(update={"source": source})
    export = SMOKE.export.model_copy(update={"lateral": lateral})
    return SMOKE.model_copy(update={"fit": fit, "export": export})


@pytest.mark.parametrize("lateral", [False, True])
@pytest.mark.parametrize(("source", "stage"), [("projected", "project"), ("packed", "pack")])
def test_views_come_from_the_stage_that_the_recipe_names(
    tmp_path: Path, source: str, stage: str, *, lateral: bool
) -> None:
    run = run_of(tmp_path, {"a": "a", "b": "b"}, PackRecipe(validation_share=0, test_share=0))
    add_lateral(tmp_path, ["b"])
    pack_samples(run, tmp_path / "pack")

    views = views_of(recipe(source, lateral=lateral), tmp_path)

    assert views.stage == stage
    assert len(views.samples(views.trained)) == (VIEWS if lateral else 2 * VIEWS)
