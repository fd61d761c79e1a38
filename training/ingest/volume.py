"""The canonical volume: HU, axes (z to the head, y to the back, x to the patient's left)."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.durable import whole_file

AIR_HU = -1024


@dataclass(frozen=True, slots=True)
class Volume:
    """`hu` int16 (z, y, x): z increases to the head, y to the back, x to the patient's left.

    `labels` holds TotalSegmentator v2 ids on the same grid, or None; spacing is (z, y, x).
    `label_ids` are the ids that were looked for: one of them without voxels is truly absent, any
    other id is unknown. None with labels means all 117.
    """

    hu: npt.NDArray[np.int16]
    spacing_mm: tuple[float, float, float]
    labels: npt.NDArray[np.uint8] | None = None
    label_ids: frozenset[int] | None = None

    def resampled(self, spacing_mm: float) -> "Volume":
        """The same volume with cubic voxels of `spacing_mm`."""
        zoom = [s / spacing_mm for s in self.spacing_mm]
        hu = ndimage.zoom(self.hu.astype(np.float32), zoom, order=1, grid_mode=True, mode="nearest")
        labels = None
        if self.labels is not None:
            labels = ndimage.zoom(self.labels, zoom, order=0, grid_mode=True, mode="nearest")
        return replace(
            self, hu=np.round(hu).astype(np.int16), spacing_mm=(spacing_mm,) * 3, labels=labels
        )

    def save(self, path: Path) -> None:
        """Write as npz, whole or not at all."""
        arrays = {"hu": self.hu, "spacing_mm": np.asarray(self.spacing_mm)}
        if self.labels is not None:
            arrays["labels"] = self.labels
        if self.label_ids is not None:
            arrays["label_ids"] = np.array(sorted(self.label_ids), np.uint8)
        with whole_file(path) as temporary:
            np.savez_compressed(temporary, **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> "Volume":
        """Read what `save` wrote."""
        with np.load(path) as file:
            spacing = tuple(float(s) for s in file["spacing_mm"])
            labels = file.get("labels")
            ids = file.get("label_ids")
            known = None if ids is None else frozenset(int(i) for i in ids)
            return cls(file["hu"], (spacing[0], spacing[1], spacing[2]), labels, known)
