"""The source of views that a recipe chooses."""

from pathlib import Path

from training.experiment import Recipe
from training.fit.views.packed import PackedViews
from training.fit.views.port import ViewSource
from training.fit.views.projected import ProjectedViews


def views_of(recipe: Recipe, work: Path) -> ViewSource:
    """The views of the recipe's direction, `work` being the folder of all stages."""
    lateral = recipe.export.lateral
    if recipe.fit.source == "packed":
        return PackedViews(work / "pack", recipe.fit, lateral=lateral)
    return ProjectedViews(work / "project", recipe.fit, lateral=lateral)
