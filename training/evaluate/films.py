"""Score a model package on films with human masks, through the service's own line."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from tqdm import tqdm

from service.domain.image import NO_SPACING, ViewPosition
from service.domain.segmentation import Segmentation
from service.errors import NotEligible, ServiceError
from service.gates.registry import refuse
from service.inference.postprocess import to_segmentation
from service.inference.preprocess import to_model_input
from service.inference.session import Segmenter
from service.measurements import cardiothoracic_ratio
from service.measurements.registry import Subject, measure
from service.pipeline import Examined, examine
from training.evaluate.gates import picture
from training.evaluate.scores import ClassScore, score_classes
from training.evaluate.sides import Sides, compare_sides
from training.fit.dataset import read_expert_masks

FIELDS = ("right_lung_field", "left_lung_field")
DRAWN = (*FIELDS, "heart")
"""What people have drawn on the films, in the order of `read_expert_masks`."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FilmScore:
    """One film.

    lung_fields: IoU, mean of both. ratio: the cardiothoracic ratio of the masks, whatever the
    gates say. measured: the one that the service gives, with its `reason` where it gives none.
    """

    film: str
    lung_fields: float
    heart: float
    ratio: float | None
    published: float | None
    classes: tuple[ClassScore, ...] = ()
    sides: Sides | None = None
    measured: float | None = None
    reason: str | None = None

    @property
    def mean_iou(self) -> float:
        """Over the classes that people drew."""
        return float(np.mean([score.iou for score in self.classes]))


def score_films(segmenter: Segmenter, folder: Path, ids: Iterable[int]) -> list[FilmScore]:
    """Score `NNN.png` against `NNN.mask.png` and `ctr.csv`."""
    published = published_ratios(folder)
    numbers = [f"{number:03d}" for number in ids]
    return [
        _score(segmenter, folder / f"{n}.png", published.get(n)) for n in tqdm(numbers, unit="film")
    ]


def unreadable_films(folder: Path, ids: Iterable[int]) -> dict[str, str]:
    """Films that cannot be scored, each with the reason: they are left out and told of."""
    reasons = {f"{number:03d}": _trouble(folder / f"{number:03d}.png") for number in ids}
    return {film: reason for film, reason in reasons.items() if reason is not None}


def _trouble(path: Path) -> str | None:
    try:
        rows, columns = picture(path).pixels.shape
        masks = read_expert_masks(path, max(rows, columns))
    except FileNotFoundError as error:
        return f"{Path(error.filename).name} is missing"
    except ServiceError as error:
        return error.text
    except OSError:
        return "the mask is not a whole picture"
    if masks.shape[1:] != (rows, columns):
        return "the mask has other proportions than the film"
    return None


def _score(segmenter: Segmenter, path: Path, published: float | None) -> FilmScore:
    examined = examine(picture(path), segmenter, {})
    segmentation = examined.subject.segmentation
    truth = drawn_masks(path, segmentation.masks.shape[1:])
    found = masks_of(segmentation, DRAWN)
    scores = score_classes(found, truth)
    iou = {score.key: score.iou for score in scores}
    measured, reason = gated_ratio(examined)
    return FilmScore(
        film=path.stem,
        lung_fields=float(np.mean([iou[key] for key in FIELDS])),
        heart=iou["heart"],
        ratio=ratio_of(segmentation),
        published=published,
        classes=scores,
        sides=compare_sides(found, truth),
        measured=measured,
        reason=reason,
    )


def drawn_masks(path: Path, shape: Sequence[int]) -> dict[str, Mask]:
    """What people drew on a film, by class, on the film's grid."""
    return dict(zip(DRAWN, read_expert_masks(path, max(shape)), strict=True))


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


def masks_of(found: Segmentation, keys: Iterable[str]) -> Mapping[str, Mask]:
    """The named masks, empty where a structure was not found or is not known."""
    return {key: mask_of(found, key) for key in keys}


def mask_of(found: Segmentation, key: str) -> Mask:
    """A mask, empty where the segment was not found."""
    return found.mask(key) if found.has(key) else np.zeros(found.masks.shape[1:], dtype=bool)


def ratio_of(found: Segmentation) -> float | None:
    """The cardiothoracic ratio of the masks alone, None where one of them is missing."""
    subject = Subject(found, NO_SPACING, ViewPosition.UNKNOWN)
    return measure(cardiothoracic_ratio.DEFINITION, subject)[0].value


def gated_ratio(examined: Examined) -> tuple[float | None, str | None]:
    """The ratio that leaves the service, or None and the reason why it does not."""
    try:
        refuse(examined.subject.checks)
    except NotEligible as error:
        return None, f"{error.code}: {error.text}"
    measured = measure(cardiothoracic_ratio.DEFINITION, examined.subject)[0]
    return measured.value, measured.reason


def published_ratios(folder: Path) -> dict[str, float]:
    """The cardiothoracic ratios of `ctr.csv` by film; films without one are left out."""
    path = folder / "ctr.csv"
    if not path.exists():
        return {}
    with path.open() as file:
        rows: Sequence[dict[str, str]] = list(csv.DictReader(file))
    return {row["id"]: float(row["ctr_published"]) for row in rows if row["ctr_published"]}
