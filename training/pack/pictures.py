"""Examples of a packed set as PNGs in text: pictures with outlines of what is known on them."""

import base64
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from training.channels import TRAINED_KEYS, trained_index
from training.pack.shard import Block, CorruptShard, PackedSample, read_sample

COLOURS = {
    "right_lung": (86, 180, 233),
    "left_lung": (0, 158, 115),
    "right_lung_field": (86, 180, 233),
    "left_lung_field": (0, 158, 115),
    "heart": (213, 94, 0),
    "trachea": (240, 228, 66),
    "aorta": (204, 121, 167),
    "spine": (230, 159, 0),
    "right_hemidiaphragm": (0, 114, 178),
    "left_hemidiaphragm": (0, 114, 178),
}
BONE_WEIGHT = 1.2  # about 70 kV
LONGEST = 256
MOST = 12


def examples(folder: Path, shards: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The first sample of every view of every item, twelve at most: `caption`, `png` (base64)."""
    found = []
    for sample, split in _firsts(folder, shards):
        caption = f"{sample.subject}, {sample.view}, {split}"
        found.append({"caption": caption, "png": _png(drawn(sample))})
        if len(found) == MOST:
            break
    return found


def _firsts(
    folder: Path, shards: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[PackedSample, str]]:
    seen: set[tuple[str, str]] = set()
    for entry in shards:
        for place, view in enumerate(entry["views"]):
            if (entry["item"], view) in seen:
                continue
            seen.add((entry["item"], view))
            try:
                sample = read_sample(folder / entry["file"], Block(*entry["blocks"][place]))
            except CorruptShard:
                continue  # the reader names it; a card without its picture is still a card
            yield sample, entry["split"]


def drawn(sample: PackedSample) -> npt.NDArray[np.uint8]:
    """RGB (rows, columns, 3): grey picture with outlines in the colours of COLOURS."""
    picture = sample.water.astype(np.float32)
    if sample.bone is not None:
        picture = picture + BONE_WEIGHT * sample.bone.astype(np.float32)
    low, high = np.percentile(picture, (1, 99.5))
    grey = np.clip((picture - low) / max(high - low, 1e-6), 0, 1) * 255
    coloured = np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)
    bits = np.unpackbits(sample.masks, axis=-1, count=len(TRAINED_KEYS)).astype(bool)
    for key in COLOURS.keys() & set(sample.known):
        mask = bits[..., trained_index(key)]
        coloured[mask & ~ndimage.binary_erosion(mask)] = COLOURS[key]
    return coloured


def _png(picture: npt.NDArray[np.uint8]) -> str:
    image = Image.fromarray(picture)
    image.thumbnail((LONGEST, LONGEST))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
