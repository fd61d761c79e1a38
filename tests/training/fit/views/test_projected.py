"""Views in memory: what the project stage lists, without what the recipe holds out."""

from pathlib import Path

from tests.training.pack.sets import VIEWS, run_of, write_views
from training.experiment import FitRecipe, PackRecipe, Phase
from training.fit.views.projected import ProjectedViews

PHASE = Phase(name="only", steps=1, learning_rate=0.1, projections=1)


def views(work: Path, **changes: object) -> ProjectedViews:
    run_of(work, {name: name for name in "abc"}, PackRecipe())
    asked = FitRecipe.model_validate({"batch": 2, "size": 32, "phases": [PHASE], **changes})
    return ProjectedViews(work / "project", asked, lateral=False)


def test_held_out_volumes_are_scored_and_not_trained_on(tmp_path: Path) -> None:
    found = views(tmp_path, validate_on={"subjects": ["b"]})
    assert (found.trained, found.held, found.scored) == (("a", "c"), ("b",), ("b",))
    assert len(found.samples(found.trained)) == 2 * VIEWS


def test_a_file_of_a_volume_that_was_left_out_since_is_not_trained_on(tmp_path: Path) -> None:
    found = views(tmp_path)
    write_views(tmp_path / "project" / "gone.npz", 1)
    assert len(found.samples(found.trained)) == 3 * VIEWS
