"""Films of which only boxes are known, as a source of samples."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.channels import TRAINED, TRAINED_KEYS, trained_index
from training.fit.dataset import FILM_SIZE, Sample, read_grey

BOXES_FILE = "boxes.csv"
Box = tuple[float, float, float, float]


class Boxed:
    """Films of a folder with `boxes.csv`: file, key, left, top, right, bottom in pixels.

    A box is a filled rectangle in its channel; channels without a box are unknown. Several boxes
    of one key in one film are drawn together. The longer side of a film is kept at `side` pixels.
    Raises ValueError for a key that cannot be taught.
    """

    def __init__(self, folder: Path, side: int = FILM_SIZE) -> None:
        self._films = sorted(_boxes(folder / BOXES_FILE).items())
        self._grey = [_film(folder / name, side) for name, _ in self._films]
        keys = {key for _, boxes in self._films for key, _ in boxes}
        self.known: npt.NDArray[np.bool_] = np.isin(TRAINED_KEYS, sorted(keys))

    def __len__(self) -> int:
        return len(self._films)

    def __getitem__(self, index: int) -> Sample:
        grey, scale = self._grey[index]
        masks = np.zeros((*grey.shape, len(TRAINED)), dtype=bool)
        for key, box in self._films[index][1]:
            left, top, right, bottom = (round(edge * scale) for edge in box)
            masks[max(0, top) : bottom, max(0, left) : right, trained_index(key)] = True
        image = grey.astype(np.float32)
        known = np.asarray(masks.any((0, 1)))
        packed = np.packbits(masks, axis=-1)
        return Sample(image, np.zeros_like(image), packed, known, is_film=True)


def _film(path: Path, side: int) -> tuple[npt.NDArray[np.uint8], float]:
    """Grey values and by how much the picture was made smaller."""
    from PIL import Image

    with Image.open(path) as image:
        longest = max(image.size)
    return read_grey(path, side), side / longest


def _boxes(path: Path) -> Mapping[str, list[tuple[str, Box]]]:
    found: dict[str, list[tuple[str, Box]]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["key"] not in TRAINED_KEYS:
                raise ValueError(f"{path.name}: no channel is called {row['key']!r}")
            left, top, right, bottom = (
                float(row[edge]) for edge in ("left", "top", "right", "bottom")
            )
            entry = (row["key"], (left, top, right, bottom))
            found.setdefault(row["file"], []).append(entry)
    return found
