"""Views as the stage `project` stacks them, held in memory."""

from collections.abc import Collection, Sequence
from pathlib import Path

from training.experiment import FitRecipe
from training.fit.batches import SampleSource
from training.fit.dataset import Projections
from training.project.stage import LATERAL
from training.stage import read_manifest


class ProjectedViews:
    """All volumes are trained on that the recipe names and does not hold out."""

    stage = "project"
    origin = "projected"

    def __init__(self, folder: Path, recipe: FitRecipe, *, lateral: bool) -> None:
        manifest = read_manifest(folder)
        self._folder = folder / LATERAL if lateral else folder
        self._recipe = recipe
        self.fingerprint: str = manifest.get("fingerprint", "")
        self.trained = tuple(filter(recipe.trains_on, manifest.get("items", {})))
        self.held = tuple(recipe.validate_on.subjects)

    @property
    def scored(self) -> tuple[str, ...]:
        """Those that are held out: there are no others."""
        return self.held

    def samples(self, subjects: Collection[str], unknown: Sequence[str] = ()) -> SampleSource:
        """The views of these subjects, as far as they were projected."""
        chosen = frozenset(subjects)
        return Projections(self._folder, self._recipe.ignore, unknown, chosen.__contains__)
