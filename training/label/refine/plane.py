"""The body's middle plane, through vertebrae and sternum, and which side of it a voxel lies on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.label.derive.derived import Spacing, mask_of
from training.label.derive.levels import VERTEBRAE
from training.label.labelled import Labels

LEAST_TURN = 0.9  # x component of the plane's normal; less, and sides are not right and left
FEWEST_SLABS = 3
SLAB_MM = 15.0


@dataclass(frozen=True, slots=True)
class BodyPlane:
    """x = offset + by_y * y + by_z * z, all in millimetres from the first voxel."""

    offset: float
    by_y: float
    by_z: float

    def left_mm(self, points_mm: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return how far points (n, 3) of (z, y, x) lie to the patient's left; right is below 0."""
        across = points_mm[:, 2] - self.offset
        across -= self.by_y * points_mm[:, 1] + self.by_z * points_mm[:, 0]
        return np.asarray(across / np.sqrt(1 + self.by_y**2 + self.by_z**2))


def body_plane(organs: Labels, spacing_mm: Spacing) -> BodyPlane | None:
    """Return the best plane through the middles of spine and sternum.

    None with less than three slabs of spine, or where the body is turned so far that its normal is
    no longer across. Without a sternum the plane is held straight from front to back.
    """
    spine, sternum = (_middles(organs, keys, spacing_mm) for keys in (VERTEBRAE, ("sternum",)))
    if len(spine) < FEWEST_SLABS:
        return None
    points = np.concatenate([spine, sternum])
    # Spine and sternum weigh the same, however many slices of each the scan holds.
    weight = np.concatenate([np.full(len(p), len(p) ** -0.5) for p in (spine, sternum) if len(p)])
    columns = [np.ones(len(points)), points[:, 1] if len(sternum) else 0 * points[:, 1]]
    design = np.stack([*columns, points[:, 0]], -1) * weight[:, None]
    found, *_ = np.linalg.lstsq(design, points[:, 2] * weight, rcond=None)
    plane = BodyPlane(*(float(value) for value in found))
    turned = 1 / np.sqrt(1 + plane.by_y**2 + plane.by_z**2)
    return plane if turned >= LEAST_TURN else None


def _middles(organs: Labels, keys: tuple[str, ...], spacing_mm: Spacing) -> npt.NDArray[np.float64]:
    """Return the middles (n, 3) in mm of slabs of a structure; numbers may be wrong, places not."""
    points = np.argwhere(mask_of(organs, *keys)) * np.asarray(spacing_mm)
    slab = (points[:, 0] // SLAB_MM).astype(int)
    return np.array([np.median(points[slab == s], axis=0) for s in np.unique(slab)]).reshape(-1, 3)
