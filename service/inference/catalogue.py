"""Which model packages there are, and which one reads a given view."""

from collections.abc import Sequence
from pathlib import Path

from service.domain.image import ViewPosition
from service.errors import ModelPackageError, NotEligible
from service.inference.manifest import ModelPackage
from service.inference.packages import find_packages
from service.inference.session import Segmenter
from service.inference.weights import Precision


class Catalogue:
    """The packages of one folder; sessions are opened at first use and kept."""

    def __init__(
        self, folder: Path, providers: Sequence[str] = (), precision: Precision | None = None
    ) -> None:
        self.packages = find_packages(folder, precision)
        self._providers = tuple(providers)
        self._open: dict[str, Segmenter] = {}
        if not self.packages:
            raise ModelPackageError(f"no model package in {folder}", code="no_model")

    def choose(self, view: ViewPosition) -> Segmenter:
        """Return the newest package that claims `view`; raises NotEligible(no_model_for_view)."""
        for package in reversed(self.packages):
            if view in package.manifest.eligible.views:
                return self._opened(package)
        raise NotEligible(f"no model reads {view.value.lower()} views", code="no_model_for_view")

    def warm_up(self) -> None:
        """Open every session, so that the first patient does not wait for it."""
        for package in self.packages:
            self._opened(package)

    def _opened(self, package: ModelPackage) -> Segmenter:
        key = package.weights.sha256
        if key not in self._open:
            self._open[key] = Segmenter(package, self._providers)
        return self._open[key]
