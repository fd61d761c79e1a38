"""Connected pieces of a label: 6-connected, as in the DAP Atlas, with what they were called."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.label.derive.derived import Spacing, surrounding
from training.label.labelled import Labels, Mask

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece: voxels as indices (n, 3) of (z, y, x), and the label that each of them had."""

    voxels: npt.NDArray[np.int64]
    labels: Labels

    def points_mm(self, spacing_mm: Spacing) -> Points:
        """Return the voxels' positions (n, 3) in millimetres."""
        return np.asarray(self.voxels * np.asarray(spacing_mm))

    def volume_mm3(self, spacing_mm: Spacing) -> float:
        """Return the volume."""
        return float(len(self.voxels) * np.prod(spacing_mm))

    def part(self, chosen: Mask) -> "Piece":
        """Return the voxels chosen by bool (n,)."""
        return Piece(self.voxels[chosen], self.labels[chosen])

    def joined(self, other: "Piece") -> "Piece":
        """Return both as one."""
        voxels = np.concatenate([self.voxels, other.voxels])
        return Piece(voxels, np.concatenate([self.labels, other.labels]))

    def write(self, labels: Labels, value: int) -> None:
        """Give all its voxels in `labels` a value."""
        labels[tuple(self.voxels.T)] = value


def pieces(mask: Mask, labels: Labels) -> Iterator[Piece]:
    """Yield the 6-connected pieces of `mask`, with what `labels` calls their voxels."""
    if not mask.any():
        return
    around = surrounding(mask)
    corner = np.array([part.start for part in around])
    marked, count = ndimage.label(mask[around])
    for index, box in enumerate(ndimage.find_objects(marked, count), start=1):
        inside = marked[box] == index
        start = corner + [part.start for part in box]
        yield Piece(np.argwhere(inside) + start, labels[around][box][inside])
