"""A canonical volume as the NIfTI image that other packages take, and their answer back."""

from typing import Any

import nibabel
import numpy as np
import numpy.typing as npt

from training.ingest.volume import Volume


def as_nifti(volume: Volume) -> nibabel.nifti1.Nifti1Image:
    """Return the HU as an image (x, y, z) whose affine says LPS to readers that think in RAS."""
    z, y, x = volume.spacing_mm
    return nibabel.nifti1.Nifti1Image(volume.hu.transpose(2, 1, 0), np.diag((-x, -y, z, 1.0)))


def from_nifti(image: Any) -> npt.NDArray[np.int64]:  # noqa: ANN401 - nibabel's own types differ
    """Return labels (z, y, x) of an image on the grid that `as_nifti` gave."""
    return np.asarray(np.asarray(image.dataobj).round().astype(np.int64).transpose(2, 1, 0))
