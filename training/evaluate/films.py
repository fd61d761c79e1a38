"""Score a model package on films with human masks, through the service's own line."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from tqdm import tqdm

from service.domain.image import NO_SPACING, ViewPosition
from service.domain.segmentation import Segmentation
from service.inference.postprocess import to_segmentation
from service.inference.preprocess import to_model_input
from service.inference.session import Segmenter
from service.measurements import cardiothoracic_ratio
from service.measurements.registry import Subject, measure
from training.evaluate.metrics import intersection_over_union
from training.fit.dataset import read_expert_masks

FIELDS = ("right_lung_field", "left_lung_field")


@dataclass(frozen=True, slots=True)
class FilmScore:
    """One film: IoU of the lung fields (mean of both) and heart, the ratio found and published."""

    film: str
    lung_fields: float
    heart: float
    ratio: float | None
    published: float | None


def score_films(segmenter: Segmenter, folder: Path, ids: Iterable[int]) -> list[FilmScore]:
    """Score `NNN.png` against `NNN.mask.png` and `ctr.csv`."""
    published = published_ratios(folder)
    numbers = [f"{number:03d}" for number in ids]
    return [
        _score(segmenter, folder / f"{n}.png", published.get(n)) for n in tqdm(numbers, unit="film")
    ]


def _score(segmenter: Segmenter, path: Path, published: float | None) -> FilmScore:
    grey = read_film(path)
    found = segment(segmenter, grey)
    truth = dict(zip((*FIELDS, "heart"), read_expert_masks(path, max(grey.shape)), strict=True))
    scores = {key: intersection_over_union(mask_of(found, key), truth[key]) for key in truth}
    fields = float(np.mean([scores[key] for key in FIELDS]))
    return FilmScore(path.stem, fields, scores["heart"], ratio_of(found), published)


def read_film(path: Path) -> npt.NDArray[np.float32]:
    """A picture file as float32 grey values."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L"), dtype=np.float32)


def segment(segmenter: Segmenter, pixels: npt.NDArray[np.float32]) -> Segmentation:
    """Masks on the picture's own grid, exactly as the service makes them."""
    form = segmenter.package.manifest.input
    given = to_model_input(pixels, form.size, form.intensity)
    probabilities = segmenter.probabilities(given.tensor)[0]
    return to_segmentation(probabilities, given.resampling, segmenter.package.labels)


def mask_of(found: Segmentation, key: str) -> npt.NDArray[np.bool_]:
    """A mask, empty where the segment was not found."""
    return found.mask(key) if found.has(key) else np.zeros(found.masks.shape[1:], dtype=bool)


def ratio_of(found: Segmentation) -> float | None:
    """The service's cardiothoracic ratio, None where its gate refuses."""
    subject = Subject(found, NO_SPACING, ViewPosition.UNKNOWN)
    return measure(cardiothoracic_ratio.DEFINITION, subject)[0].value


def published_ratios(folder: Path) -> dict[str, float]:
    """The cardiothoracic ratios of `ctr.csv` by film; films without one are left out."""
    with (folder / "ctr.csv").open() as file:
        rows: Sequence[dict[str, str]] = list(csv.DictReader(file))
    return {row["id"]: float(row["ctr_published"]) for row in rows if row["ctr_published"]}
