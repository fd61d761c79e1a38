"""NIfTI volumes: one folder per subject with `ct.nii.gz` and, where known, `labels.nii.gz`."""

from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import numpy.typing as npt

from training.ingest.volume import Volume


def read_nifti(image: Path, labels: Path | None) -> Volume:
    """Read a CT in HU and, where given, its label map; both end up in the canonical axes."""
    hu, spacing = _canonical(image)
    label_array = None if labels is None else _canonical(labels)[0].astype(np.uint8)
    if label_array is not None and label_array.shape != hu.shape:
        raise ValueError(f"labels {label_array.shape} do not fit the volume {hu.shape}")
    return Volume(np.clip(np.round(hu), -1024, 3071).astype(np.int16), spacing, label_array)


def _canonical(path: Path) -> tuple[npt.NDArray[np.float32], tuple[float, float, float]]:
    """Array (z, y, x) in LPS order and its spacing (z, y, x)."""
    image: Any = nibabel.load(path)
    orientations = nibabel.orientations
    have = orientations.io_orientation(image.affine)
    want = orientations.axcodes2ornt(("L", "P", "S"))
    turned = image.as_reoriented(orientations.ornt_transform(have, want))
    x, y, z = (float(s) for s in turned.header.get_zooms()[:3])
    array = np.asarray(turned.dataobj, dtype=np.float32).transpose(2, 1, 0)
    return np.ascontiguousarray(array), (z, y, x)
