"""Training images in memory: projections as line integrals, films as grey values.

Both kinds end as the same `Sample`: a picture on its own raster, its packed masks, and which
channels are known. Everything random happens later, in `augment`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from training.channels import EXPERT_KEYS, TRAINED, trained_index
from training.project.masks import pack, unpack_one

FILM_SIZE, CANVAS = 320, 256
HALF_BRIGHT = 127


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture.

    `water` and `bone` (rows, columns) float32, bright = dense (bone is zero for films);
    `packed` uint8 (rows, columns, bytes) holds a bit per taught channel; `known` bool (channels,).
    """

    water: npt.NDArray[np.float32]
    bone: npt.NDArray[np.float32]
    packed: npt.NDArray[np.uint8]
    known: npt.NDArray[np.bool_]
    is_film: bool

    def mask(self, key: str) -> npt.NDArray[np.bool_]:
        """The mask (rows, columns) of one channel, empty where the subject does not know it."""
        place = trained_index(key)
        return np.asarray(unpack_one(self.packed, place) & self.known[place])


class Projections:
    """All views of the project stage.

    `ignore` names channels per subject that count as unknown, `unknown` channels of all subjects,
    `choose` says which subjects are taken.
    """

    def __init__(
        self,
        folder: Path,
        ignore: Mapping[str, Sequence[str]],
        unknown: Sequence[str] = (),
        choose: Callable[[str], bool] = lambda _: True,
    ) -> None:
        paths = [path for path in sorted(folder.glob("*.npz")) if ".part" not in path.name]
        paths = [path for path in paths if choose(path.stem)]
        self._parts = [_load(path, (*ignore.get(path.stem, ()), *unknown)) for path in paths]
        self._index = [
            (p, v) for p, part in enumerate(self._parts) for v in range(len(part["water"]))
        ]

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Channels (taught channels,) that at least one subject knows."""
        known = np.zeros(len(TRAINED), dtype=bool)
        for part in self._parts:
            known |= part["available"]
        return known

    def __len__(self) -> int:
        return len(self._index)

    def __getitem__(self, index: int) -> Sample:
        part, view = self._index[index]
        arrays = self._parts[part]
        first, last = arrays["rows"][view]
        shown = slice(int(first), int(last))
        return Sample(
            arrays["water"][view, shown].astype(np.float32),
            arrays["bone"][view, shown].astype(np.float32),
            arrays["masks"][view, shown],
            arrays["available"],
            is_film=False,
        )


def _load(path: Path, ignore: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    arrays = dict(_arrays(path, path.stat().st_mtime_ns))
    arrays["available"] = arrays["available"].copy()
    arrays["available"][[trained_index(key) for key in ignore]] = False
    return arrays


@cache
def _arrays(path: Path, _written: int) -> Mapping[str, npt.NDArray[Any]]:
    """A subject's views stay in memory: every phase of a run takes the same ones."""
    with np.load(path) as file:
        return {key: file[key] for key in file.files}


class Films:
    """Real frontal films; `masked` ones carry lung fields and heart as drawn by people.

    `grey` are their pictures, uint8 (rows, columns), with the longer `side`.
    """

    def __init__(self, paths: Sequence[Path], *, masked: bool, side: int = FILM_SIZE) -> None:
        self.grey = [read_grey(path, side) for path in paths]
        self._packed = [_drawn(path, side) if masked else None for path in paths]
        self._known = np.zeros(len(TRAINED), dtype=bool)
        if masked:
            self._known[[trained_index(key) for key in EXPERT_KEYS]] = True

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Channels (taught channels,) that people have drawn."""
        return self._known

    def __len__(self) -> int:
        return len(self.grey)

    def __getitem__(self, index: int) -> Sample:
        grey = self.grey[index].astype(np.float32)
        drawn = self._packed[index]
        packed = _nothing(grey.shape) if drawn is None else drawn
        return Sample(grey, np.zeros_like(grey), packed, self._known, is_film=True)


def film_side(size: int) -> int:
    """The side that films are kept with for a canvas of `size`: what zooming in needs."""
    return round(size * FILM_SIZE / CANVAS)


def _drawn(path: Path, side: int) -> npt.NDArray[np.uint8]:
    """The masks that people drew on a film, packed: (rows, columns, bytes)."""
    *fields, heart = read_expert_masks(path, side)
    # Some readers drew the lung behind the heart as well; a lung field ends at the heart.
    expert = np.stack([*(field & ~heart for field in fields), heart])
    masks = torch.zeros((len(TRAINED), *expert.shape[1:]), dtype=torch.bool)
    masks[[trained_index(key) for key in EXPERT_KEYS]] = torch.from_numpy(expert)
    return pack(masks)


@cache
def _nothing(shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    return pack(torch.zeros((len(TRAINED), *shape), dtype=torch.bool))


def read_grey(path: Path, size: int) -> npt.NDArray[np.uint8]:
    """A picture file as grey values with its longer side `size`."""
    with Image.open(path) as image:
        grey = image.convert("L")
        scale = size / max(grey.size)
        shape = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
        return np.asarray(grey.resize(shape, Image.Resampling.BILINEAR))


def read_expert_masks(path: Path, size: int) -> npt.NDArray[np.bool_]:
    """Right lung field (green), left lung field (red), heart (blue) of `NNN.mask.png`."""
    with Image.open(path.with_name(path.stem + ".mask.png")) as image:
        colours = image.convert("RGB")
        scale = size / max(colours.size)
        shape = (max(1, round(colours.width * scale)), max(1, round(colours.height * scale)))
        red, green, blue = np.moveaxis(np.asarray(colours.resize(shape)), -1, 0) > HALF_BRIGHT
    return np.stack([green, red, blue])
