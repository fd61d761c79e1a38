"""The two exposures of the golden masks, and a volume turned for the lateral one."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from training.project.geometry import View, frontal_view

Voxel = TypeVar("Voxel", np.uint8, np.int16)


@dataclass(frozen=True, slots=True)
class Exposure:
    """One view. `turned`: the patient stands with the left side to the detector."""

    name: str
    turned: bool
    rows: int
    columns: int
    pixel_mm: float = 0.8
    gap_mm: float = 30.0

    def view(self, depth_mm: float) -> View:
        """Return the geometry for a volume that is `depth_mm` thick along the ray."""
        return frontal_view(
            anteroposterior=False,
            depth_mm=depth_mm,
            gap_mm=self.gap_mm,
            centre=(0.0, 0.0),
            size=(self.rows, self.columns),
            pixel_mm=self.pixel_mm,
        )

    def axes(self, labels: npt.NDArray[Voxel]) -> npt.NDArray[Voxel]:
        """Return (z, depth, width) as the projector wants it; the patient's front is on the left.

        Turned, depth runs from the patient's left to the right and width from front to back.
        """
        if not self.turned:
            return labels
        return np.ascontiguousarray(labels.transpose(0, 2, 1)[:, ::-1, :])


EXPOSURES = (
    Exposure("frontal", turned=False, rows=448, columns=480),
    Exposure("lateral", turned=True, rows=448, columns=400),
)
