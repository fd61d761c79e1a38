"""`gates`: pictures gathered, the probe trained, the package completed."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from training.evaluate.films import read_film
from training.gates.export import add_to_package
from training.gates.fit import Picture, Sources, fit
from training.gates.pictures import SIDE
from training.gates.projections import project_volume

KEPT_VOLUMES = ("platipy-testcase", "pyradiomics-lung1", "tcia-9328-0109")
"""Never trained on: they show what the probe makes of patients that it has not seen."""
VIEWS = 60
STEPS = 1500
TRAINING_FILMS = range(130)


@dataclass(frozen=True, slots=True)
class Material:
    """Folders of films `NNN.png`, of unlabelled films `*.png` and of `NAME/ct.nii.gz`."""

    films: Path
    unlabelled: Path
    volumes: Path


def train(package: Path, material: Material, steps: int = STEPS, seed: int = 0) -> Path:
    """Train the probe and put it into the package; return its file."""
    sources = gather(material, seed)
    return add_to_package(fit(sources, steps, seed), package)


def gather(material: Material, seed: int) -> Sources:
    """All pictures of training: no film, patient or volume that is kept for choosing limits."""
    films = [material.films / f"{number:03d}.png" for number in TRAINING_FILMS]
    trained = [*films, *sorted(material.unlabelled.glob("*.png"))]
    projected = [
        each
        for path in tqdm(sorted(material.volumes.glob("*/ct.nii.gz")), unit="volume")
        if path.parent.name not in KEPT_VOLUMES
        for each in project_volume(path, VIEWS, seed)
    ]
    return Sources(
        _films(path for path in trained if not is_kept(path)),
        [each.pixels for each in projected if not each.is_lateral],
        [each.pixels for each in projected if each.is_lateral],
    )


def is_kept(path: Path) -> bool:
    """Every tenth film of either folder is kept for choosing limits."""
    return path.stem.endswith("9")


def _films(paths: Iterable[Path]) -> list[Picture]:
    return [_small(read_film(path)) for path in paths]


def _small(pixels: Picture) -> Picture:
    rows, columns = pixels.shape
    scale = SIDE / max(rows, columns)
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))
