"""Volumes in single files: NIfTI, NRRD, MHA and MHD, as SimpleITK images in LPS millimetres."""

import gzip
import zlib
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import SimpleITK as sitk  # noqa: N813 - its usual name

from training.ingest.refusal import Reason, Refused

NIFTI = (".nii", ".nii.gz")
SUFFIXES = (*NIFTI, ".nrrd", ".mha", ".mhd")
DIMENSIONS = 3
TO_LPS = np.diag([-1.0, -1.0, 1.0])  # NIfTI's world points right and forward


def read_image(path: Path) -> Any:  # noqa: ANN401 - SimpleITK has no types
    """Read a volume; raises Refused for what cannot be read, is cut short or is no volume."""
    try:
        image = _read_nifti(path) if path.name.endswith(NIFTI) else sitk.ReadImage(str(path))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Refused(Reason.TRUNCATED, type(error).__name__) from error
    except Refused:
        raise
    except (OSError, RuntimeError, ValueError, nibabel.filebasedimages.ImageFileError) as error:
        raise Refused(Reason.UNREADABLE, type(error).__name__) from error
    if image.GetDimension() != DIMENSIONS or min(image.GetSize()) < 2:  # noqa: PLR2004
        raise Refused(Reason.NOT_A_VOLUME, f"size {image.GetSize()}")
    if image.GetNumberOfComponentsPerPixel() != 1:
        raise Refused(Reason.COLOUR, f"{image.GetNumberOfComponentsPerPixel()} values a voxel")
    return image


def _read_nifti(path: Path) -> Any:  # noqa: ANN401
    """Through nibabel: ITK refuses sheared and slightly skewed NIfTI, of which there are many."""
    image: Any = nibabel.load(path)
    if len([n for n in image.shape if n > 1]) != DIMENSIONS:
        raise Refused(Reason.NOT_A_VOLUME, f"shape {image.shape}")
    array = np.asarray(image.dataobj, dtype=np.float32).reshape(
        [n for n in image.shape if n > 1][:DIMENSIONS]
    )
    if image.header["sform_code"] == 0 and image.header["qform_code"] == 0:
        raise Refused(Reason.NO_GEOMETRY, "neither sform nor qform")
    affine = TO_LPS @ image.affine[:3]
    spacing = np.linalg.norm(affine[:, :3], axis=0)
    return itk_image(array.transpose(2, 1, 0), affine[:, 3], spacing, affine[:, :3] / spacing)


def itk_image(array: Any, origin: Any, spacing: Any, direction: Any) -> Any:  # noqa: ANN401
    """An image of `array` (slices, rows, columns); the others are x, y, z, axes in columns."""
    if not np.isfinite(direction).all() or abs(np.linalg.det(direction)) < 0.1:  # noqa: PLR2004
        raise Refused(Reason.NO_GEOMETRY, "the axes do not span space")
    image: Any = sitk.GetImageFromArray(np.ascontiguousarray(array))
    image.SetOrigin([float(v) for v in origin])
    image.SetSpacing([float(v) for v in spacing])
    image.SetDirection([float(v) for v in np.asarray(direction).ravel()])
    return image
