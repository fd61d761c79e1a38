"""Results on disk: the same object gives the same bytes, and they survive a power cut."""

import json
import os
from collections.abc import Collection
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import config
from pydicom.dataset import Dataset

from service.domain.segmentation import Segmentation

Json = dict[str, object]


def write_dicom(dataset: Dataset, path: Path) -> None:
    """Write `dataset` as a Part 10 file with an empty preamble, and wait until it is on disk."""
    buffer = BytesIO()
    with config.disable_value_validation():
        dataset.save_as(buffer, enforce_file_format=True)
    write_bytes(buffer.getbuffer(), path)


def write_masks(segmentation: Segmentation, path: Path) -> None:
    """Write masks.npz: on the source's grid `masks`, and the `keys` of their segments.

    masks: uint8 (segments, rows, columns / 8 rounded up), eight pixels a byte as by
    numpy.packbits along the rows; `columns` says how many of the bits are pixels. A byte a pixel
    would be 0.8 GB for a large film, and take longer to compress than all else of an analysis.
    """
    buffer = BytesIO()
    keys = np.array([segment.key for segment in segmentation.segments])
    packed = np.packbits(segmentation.masks, axis=-1)
    np.savez_compressed(buffer, masks=packed, keys=keys, columns=segmentation.masks.shape[-1])
    write_bytes(buffer.getbuffer(), path)


def read_masks(
    path: Path, wanted: Collection[str] | None = None
) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """Return keys and masks, bool (segments, rows, columns), in the file's order.

    Without `wanted` all of them, else those of these keys that are there.
    """
    with np.load(path) as stored:
        keys, masks = [str(key) for key in stored["keys"]], stored["masks"]
        columns = int(stored["columns"]) if "columns" in stored else None
    used = [place for place, key in enumerate(keys) if wanted is None or key in wanted]
    found = masks[used]
    if columns is not None:  # files of earlier versions have a byte a pixel
        found = np.unpackbits(found, axis=-1, count=columns).view(np.bool_)
    return tuple(keys[place] for place in used), found


def write_json(document: Json, path: Path) -> None:
    """Write `document` in UTF-8; a value that JSON cannot hold (NaN) is a ValueError."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    write_bytes(f"{text}\n".encode(), path)


def write_bytes(content: bytes | memoryview, path: Path) -> None:
    """Write `content` to `path` and fsync it; the folder's own entry is the caller's to sync."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
