"""Results on disk: the same object gives the same bytes, and they survive a power cut."""

import json
import os
from io import BytesIO
from pathlib import Path

import numpy as np
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
    """Write masks.npz: `masks` bool (segments, rows, columns) on the source grid, and `keys`."""
    buffer = BytesIO()
    keys = np.array([segment.key for segment in segmentation.segments])
    np.savez_compressed(buffer, masks=segmentation.masks, keys=keys)
    write_bytes(buffer.getbuffer(), path)


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
