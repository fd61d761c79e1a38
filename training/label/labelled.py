"""A labelled volume: one structure per voxel, and which structures are known at all."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.channels import Structure

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LabelledVolume:
    """`structures` uint8 (z, y, x) holds `Structure` values.

    A structure that is not in `known` was not looked for or not trusted here: its absence from the
    array says nothing, and no channel that needs it may be trained on this volume.
    """

    structures: npt.NDArray[np.uint8]
    known: frozenset[Structure]

    def mask(self, *wanted: Structure) -> Mask:
        """Voxels of any of the wanted structures."""
        return np.isin(self.structures, [int(s) for s in wanted])

    def resampled_to(self, shape: tuple[int, ...]) -> "LabelledVolume":
        """The same labels on a grid of another shape over the same extent (nearest neighbour)."""
        axes = [
            ((np.arange(new) + 0.5) * old / new).astype(int)
            for new, old in zip(shape, self.structures.shape, strict=True)
        ]
        return LabelledVolume(self.structures[np.ix_(*axes)], self.known)

    def save(self, path: Path) -> None:
        """Write as npz, whole or not at all."""
        temporary = path.with_suffix(".part.npz")
        known = np.array(sorted(int(s) for s in self.known), dtype=np.uint8)
        np.savez_compressed(temporary, structures=self.structures, known=known)
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> "LabelledVolume":
        """Read what `save` wrote."""
        with np.load(path) as file:
            known = frozenset(Structure(int(v)) for v in file["known"])
            return cls(file["structures"], known)
