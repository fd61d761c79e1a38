"""Score a model on projected views of volumes that it was not trained on, every channel of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from service.domain.image import ViewPosition
from service.inference.session import Segmenter
from training.channels import TRAINED_KEYS, UNIONS, trained_index
from training.evaluate.films import masks_of, segment
from training.evaluate.scores import ClassScore, score_classes
from training.evaluate.sides import Sides, compare_sides
from training.project.picture import Integrals, render

Mask = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint8]
Pixels = npt.NDArray[np.float32]
APPEARANCE = "radiograph"
"""How line integrals are turned into a film: a random exposure, the same for a view each time."""


@dataclass(frozen=True, slots=True)
class TrueView:
    """One projection with what is known of it.

    pixels: float32 (rows, columns), bright = dense. truth: masks by key, of known channels only;
    an empty one is a structure that is truly not in sight. pixel_mm: on the detector; None where
    the file does not say.
    """

    subject: str
    number: int
    position: ViewPosition
    pixels: Pixels
    truth: Mapping[str, Mask]
    pixel_mm: float | None


@dataclass(frozen=True, slots=True)
class ViewScore:
    """One projection: its classes' scores, and the check for swapped sides."""

    subject: str
    number: int
    position: str
    classes: tuple[ClassScore, ...]
    sides: Sides | None

    @property
    def mean_iou(self) -> float:
        """Over classes that truth or prediction has."""
        values = [score.iou for score in self.classes if score.area > 0 or score.was_found]
        return float(np.mean(values)) if values else 0.0


def score_views(
    segmenter: Segmenter, folder: Path, subjects: Sequence[str], most: int
) -> list[ViewScore]:
    """Score `most` views of each subject that the package claims to read."""
    return [_score(segmenter, view) for view in tqdm(views_for(segmenter, folder, subjects, most))]


def views_for(
    segmenter: Segmenter, folder: Path, subjects: Sequence[str], most: int
) -> Iterator[TrueView]:
    """The views of `<subject>.npz` that the package is meant for; raises FileNotFoundError."""
    eligible = segmenter.package.manifest.eligible.views
    keys = [label.key for label in segmenter.package.labels]
    for subject in subjects:
        yield from read_views(folder / f"{subject}.npz", keys, eligible, most)


def read_views(
    path: Path, keys: Sequence[str], positions: Sequence[ViewPosition], most: int
) -> Iterator[TrueView]:
    """`most` views taken at one of these positions, evenly over the file, with masks of `keys`.

    Views whose file does not say how they were taken count as UNKNOWN.
    """
    arrays = _arrays(path)
    spacing = arrays.get("pixel_mm")
    for place, position in _chosen(arrays, positions, most):
        yield TrueView(
            subject=path.stem,
            number=place,
            position=position,
            pixels=render(APPEARANCE, _integrals(arrays, place), np.random.default_rng(place)),
            truth=true_masks(
                arrays["masks"][place, _shown(arrays, place)], arrays["available"], keys
            ),
            pixel_mm=None if spacing is None else float(spacing[place]),
        )


def read_integrals(path: Path, positions: Sequence[ViewPosition], most: int) -> Iterator[Integrals]:
    """Line integrals of the same views, of those rows that the scan can show."""
    arrays = _arrays(path, leave_out="masks")
    for place, _ in _chosen(arrays, positions, most):
        yield _integrals(arrays, place)


def _integrals(arrays: Mapping[str, npt.NDArray[Any]], place: int) -> Integrals:
    shown = _shown(arrays, place)
    water, bone = (arrays[name][place, shown].astype(np.float32) for name in ("water", "bone"))
    return Integrals(water, bone)


def _shown(arrays: Mapping[str, npt.NDArray[Any]], place: int) -> slice:
    first, last = arrays["rows"][place]
    return slice(int(first), int(last))


def _arrays(path: Path, leave_out: str = "") -> dict[str, npt.NDArray[Any]]:
    with np.load(path) as file:
        return {name: file[name] for name in file.files if name != leave_out}


def _chosen(
    arrays: Mapping[str, npt.NDArray[Any]], positions: Sequence[ViewPosition], most: int
) -> list[tuple[int, ViewPosition]]:
    """Places and positions of the views to take."""
    unsaid = np.full(len(arrays.get("water", ())), ViewPosition.UNKNOWN.value)
    found = [ViewPosition(str(name)) for name in arrays.get("view", unsaid)]
    fitting = [place for place, position in enumerate(found) if position in positions]
    steps = np.linspace(0, len(fitting) - 1, min(most, len(fitting))).round().astype(int)
    return [(fitting[step], found[fitting[step]]) for step in steps]


def true_masks(
    packed: Bits, available: npt.NDArray[np.bool_], keys: Sequence[str]
) -> dict[str, Mask]:
    """Masks of those `keys` that are known.

    packed: uint8 (rows, columns, bytes), bit c of them (big-endian) is TRAINED[c]. A union is
    known when all its parts are.
    """
    known = {key for key, is_known in zip(TRAINED_KEYS, available, strict=True) if is_known}
    masks = {key: _bit(packed, trained_index(key)) for key in keys if key in known}
    for union in UNIONS:
        if union.key in keys and known.issuperset(union.parts):
            parts = [_bit(packed, trained_index(part)) for part in union.parts]
            masks[union.key] = np.any(parts, axis=0)
    return masks


def _bit(packed: Bits, channel: int) -> Mask:
    byte, bit = divmod(channel, 8)
    return (packed[..., byte] >> (7 - bit) & 1).astype(bool)


def _score(segmenter: Segmenter, view: TrueView) -> ViewScore:
    found = masks_of(segment(segmenter, view.pixels), view.truth)
    return ViewScore(
        subject=view.subject,
        number=view.number,
        position=view.position.value,
        classes=score_classes(found, view.truth, view.pixel_mm),
        sides=compare_sides(found, view.truth),
    )
