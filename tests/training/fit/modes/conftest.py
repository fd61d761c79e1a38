"""What the tests of every mode share: a short run, and its losses."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.training.fit.phantoms import settings
from training.fit.batches import Material, SampleSource
from training.fit.loop import fit

Fitted = Callable[..., list[float]]


@pytest.fixture
def fitted(tmp_path: Path) -> Fitted:
    def losses(
        mode: str, own: Mapping[str, object], steps: int, **sources: SampleSource
    ) -> list[float]:
        chosen = settings(steps, mode=mode, mode_settings=own, strength=0.2, batch=4)
        fit(Material(sources, dict.fromkeys(sources, 1.0)), chosen, tmp_path)
        with (tmp_path / "curve.csv").open() as file:
            return [float(row["loss"]) for row in csv.DictReader(file)]

    return losses
