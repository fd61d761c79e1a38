"""From any position and orientation to the canonical axes, labels onto the same grid."""

from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk  # noqa: N813 - its usual name

from training.ingest.refusal import Reason, Refused
from training.ingest.scan import Labels
from training.ingest.volume import AIR_HU

ALIGNED = 1e-3  # sine of the largest angle that is only rounding
HIGHEST_HU = 3071


def is_aligned(image: Any) -> bool:  # noqa: ANN401 - SimpleITK has no types
    """Whether the axes are those of the patient, in any order and direction."""
    direction = np.abs(np.array(image.GetDirection()).reshape(3, 3))
    largest = np.sort(direction, axis=0)
    return bool((largest[:2] < ALIGNED).all())


def canonical(image: Any) -> Any:  # noqa: ANN401
    """The same image with x to the left, y to the back, z to the head.

    What only needs turning is turned; oblique and sheared (gantry tilt) images are resampled
    linearly onto a straight grid of the same spacing that holds all of them.
    """
    if is_aligned(image):
        turned = sitk.DICOMOrient(image, "LPS")
        turned.SetDirection(np.eye(3).ravel().tolist())
        return turned
    return sitk.Resample(image, _straight_grid(image), sitk.Transform(), sitk.sitkLinear, AIR_HU)


def _straight_grid(image: Any) -> Any:  # noqa: ANN401
    """An empty image around all corners of a crooked one."""
    size = np.array(image.GetSize())
    corners = [
        image.TransformContinuousIndexToPhysicalPoint(((np.array(c) * size) - 0.5).tolist())
        for c in np.ndindex(2, 2, 2)
    ]
    direction = np.abs(np.array(image.GetDirection()).reshape(3, 3))
    axes = direction.argmax(axis=1)
    if sorted(axes) != [0, 1, 2]:
        raise Refused(Reason.NO_GEOMETRY, "no axis of the patient is nearest to one of the axes")
    spacing = np.array(image.GetSpacing())[axes]
    low, high = np.min(corners, axis=0), np.max(corners, axis=0)
    # A tilt must not stretch the grid by more than it needs, so sizes are counted, not copied.
    count = np.maximum(1, np.ceil((high - low) / spacing - 1e-6)).astype(int)
    grid: Any = sitk.Image([int(n) for n in count], sitk.sitkUInt8)
    grid.SetSpacing(spacing.tolist())
    grid.SetOrigin((low + spacing / 2).tolist())
    return grid


def hounsfield(image: Any) -> npt.NDArray[np.int16]:  # noqa: ANN401
    """Rounded values (z, y, x), clipped to what 12 bits of CT hold."""
    array = np.nan_to_num(sitk.GetArrayViewFromImage(image), nan=AIR_HU)
    return np.asarray(np.clip(np.round(array), AIR_HU, HIGHEST_HU), dtype=np.int16)


def spacing_zyx(image: Any) -> tuple[float, float, float]:  # noqa: ANN401
    """Spacing in the order of arrays."""
    x, y, z = (round(float(step), 4) for step in image.GetSpacing())  # float32 of NIfTI headers
    return z, y, x


def labels_on(grid: Any, labels: Labels) -> npt.NDArray[np.uint8]:  # noqa: ANN401
    """Labels carried to the voxels of `grid` (nearest neighbour); raises Refused beside it."""
    on_grid = sitk.Resample(
        sitk.Cast(labels.image, sitk.sitkUInt8), grid, sitk.Transform(), sitk.sitkNearestNeighbor, 0
    )
    array: npt.NDArray[np.uint8] = sitk.GetArrayFromImage(on_grid)
    before = np.count_nonzero(sitk.GetArrayViewFromImage(labels.image))
    volume = np.prod(labels.image.GetSpacing()) / np.prod(grid.GetSpacing())
    if before and np.count_nonzero(array) < 0.5 * before * volume:
        raise Refused(Reason.LABELS_DO_NOT_FIT, "most of the labels lie outside the volume")
    return array
