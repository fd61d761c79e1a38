"""The two exposures of the golden masks."""

from dataclasses import dataclass

from training.project.geometry import View, frontal_view, lateral_view


@dataclass(frozen=True, slots=True)
class Exposure:
    """One view. `turned`: the patient stands with the left side to the detector."""

    name: str
    turned: bool
    rows: int
    columns: int
    pixel_mm: float = 0.8
    gap_mm: float = 30.0

    def view(self, shape: tuple[int, ...]) -> View:
        """Return the geometry for a volume of `shape` (z, y, x) with voxels of 1 mm."""
        size, centre = (self.rows, self.columns), (0.0, 0.0)
        if self.turned:
            return lateral_view(
                width_mm=shape[2],
                gap_mm=self.gap_mm,
                centre=centre,
                size=size,
                pixel_mm=self.pixel_mm,
            )
        return frontal_view(
            anteroposterior=False,
            depth_mm=shape[1],
            gap_mm=self.gap_mm,
            centre=centre,
            size=size,
            pixel_mm=self.pixel_mm,
        )


EXPOSURES = (
    Exposure("frontal", turned=False, rows=448, columns=480),
    Exposure("lateral", turned=True, rows=448, columns=400),
)
