"""Views as the stage `project` stacks them, held in memory."""

from collections.abc import Collection, Sequence
from itertools import compress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.channels import TRAINED_KEYS
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

    def shown(self, subjects: Collection[str]) -> frozenset[str] | None:
        """Channels that at least one view of these subjects shows; None where no view is left."""
        paths = [path for name in subjects if (path := self._folder / f"{name}.npz").exists()]
        found = [_shown(path) for path in paths]
        return frozenset(compress(TRAINED_KEYS, np.any(found, axis=0))) if found else None


def _shown(path: Path) -> npt.NDArray[np.bool_]:
    with np.load(path) as file:
        packed, available = file["masks"], file["available"]
    any_pixel = np.bitwise_or.reduce(packed.reshape(-1, packed.shape[-1]), axis=0)
    drawn = np.unpackbits(any_pixel, count=len(TRAINED_KEYS)).astype(np.bool_)
    return np.asarray(available & drawn)
