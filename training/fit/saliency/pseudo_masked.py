"""Films with pseudo-masks, as the stage `saliency` writes them, as a source of samples."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.channels import TRAINED_KEYS
from training.durable import whole_file
from training.fit.dataset import Sample

Mask = npt.NDArray[np.bool_]


class PseudoMasked:
    """Every `NAME.npz` of a folder."""

    def __init__(self, folder: Path) -> None:
        self._samples = [_read(path) for path in sorted(folder.glob("[!.]*.npz"))]
        known = [sample.known for sample in self._samples]
        self.known: Mask = np.any(known, axis=0) if known else np.zeros(len(TRAINED_KEYS), bool)

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> Sample:
        return self._samples[index]


def write_masks(path: Path, grey: npt.NDArray[np.uint8], masks: dict[str, Mask]) -> None:
    """Write a film (rows, columns) and the masks of the keys that are known there."""
    every = np.zeros((*grey.shape, len(TRAINED_KEYS)), dtype=bool)
    for key, mask in masks.items():
        every[..., TRAINED_KEYS.index(key)] = mask
    known = np.isin(TRAINED_KEYS, list(masks))
    with whole_file(path) as temporary:
        np.savez_compressed(temporary, grey=grey, packed=np.packbits(every, axis=-1), known=known)


def _read(path: Path) -> Sample:
    with np.load(path) as file:
        image = file["grey"].astype(np.float32)
        return Sample(image, np.zeros_like(image), file["packed"], file["known"], is_film=True)
