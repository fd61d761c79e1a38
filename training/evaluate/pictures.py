"""Films with what people drew and what the model found, as data URIs for a self-contained page."""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from service.inference.manifest import Intensity
from service.inference.preprocess import normalised
from service.inference.session import Segmenter
from training.evaluate.films import DRAWN, drawn_masks, masks_of, read_film, segment
from training.evaluate.views import TrueView, ViewScore

Mask = npt.NDArray[np.bool_]
SIDE = 384
TRUTH, FOUND = (0, 190, 140), (255, 120, 0)
"""Both are told apart by people who do not tell red from green; truth is drawn twice as wide."""

SHOWN = Intensity(method="percentile", low=0.5, high=99.5)
WORST_CLASSES = 6


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG as a data URI, and what stands below it."""

    uri: str
    caption: str


def film_picture(segmenter: Segmenter, path: Path, caption: str) -> Picture:
    """A film with its human masks and the model's."""
    pixels = read_film(path)
    found = masks_of(segment(segmenter, pixels), DRAWN)
    return Picture(outlined(pixels, drawn_masks(path, pixels.shape), found), caption)


def view_picture(segmenter: Segmenter, view: TrueView, score: ViewScore) -> Picture:
    """A projection with the classes that came out worst."""
    shown = [each for each in score.classes if each.area > 0]
    worst = [each.key for each in sorted(shown, key=lambda each: each.iou)[:WORST_CLASSES]]
    found = masks_of(segment(segmenter, view.pixels), worst)
    caption = f"{view.subject} {view.number} ({view.position.value}), mIoU {score.mean_iou:.3f}"
    truth = {key: view.truth[key] for key in worst}
    return Picture(
        outlined(view.pixels, truth, found), f"{caption}; drawn are its worst: {', '.join(worst)}"
    )


def outlined(
    pixels: npt.NDArray[np.float32], truth: Mapping[str, Mask], found: Mapping[str, Mask]
) -> str:
    """The film with outlines of truth and prediction, as a JPEG data URI."""
    size = _fitting(pixels.shape)
    grey = Image.fromarray((255 * normalised(pixels, SHOWN)).astype(np.uint8)).resize(size)
    canvas = np.asarray(grey.convert("RGB")).copy()
    for masks, colour, width in ((truth, TRUTH, 2), (found, FOUND, 1)):
        canvas[_borders(list(masks.values()), size, width)] = colour
    stream = io.BytesIO()
    Image.fromarray(canvas).save(stream, "JPEG", quality=82)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode()


def _fitting(shape: Sequence[int]) -> tuple[int, int]:
    """(width, height) of a picture whose longer side is SIDE."""
    rows, columns = shape
    scale = SIDE / max(rows, columns)
    return max(1, round(columns * scale)), max(1, round(rows * scale))


def _borders(masks: Sequence[Mask], size: tuple[int, int], width: int) -> Mask:
    borders = np.zeros(size[::-1], bool)
    for mask in masks:
        small = np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST), bool)
        inner: Mask = ndimage.binary_erosion(small, iterations=width)
        borders |= small & ~inner
    return borders
